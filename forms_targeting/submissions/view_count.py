"""Counts displays of forms: one row each, found by the key that the page made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from forms_targeting.engine.circumstances import MOST_ADDRESS, short_text
from forms_targeting.models import FormVersion, FormView
from forms_targeting.submissions.submission import read_device, read_key
from forms_targeting.submissions.touches import path_of


def count_view(version: FormVersion, attributes: Mapping[str, Any], *, at: datetime) -> None:
    """Store a display; one that is sent again changes nothing. Raises Invalid."""
    row = FormView(
        account=version.account,
        form=version.form,
        version=version,
        key=read_key(attributes, "view_id"),
        at=at,
        day=at.astimezone(version.account.zone).date(),
        page=path_of(short_text(attributes.get("page"), MOST_ADDRESS)),
        device=read_device(attributes),
    )
    FormView.objects.bulk_create([row], ignore_conflicts=True)
