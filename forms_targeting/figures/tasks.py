"""Celery task of figures: counting views in blocks."""

from __future__ import annotations

from forms_targeting.engine.view_counts import count_block
from segmenter.celery import app

BLOCKS = 20
"""Of one run."""


@app.task(name="forms.count_views")
def count_views() -> None:
    """Count the views that came since the last run, if they are many."""
    for _block in range(BLOCKS):
        if not count_block():
            return
