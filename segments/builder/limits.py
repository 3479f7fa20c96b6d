"""What the builder can draw, and take back from its form: checked before anything is kept.

Everything that can be saved is within the limits of conditions and depth; a definition saved by a
program may have longer lists than a form can send.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext

from segmenter.kernel.errors import Invalid, Problem
from segments.definition.limits import measure, too_deep, too_many, too_nested

MOST_FIELDS = 4_000
"""Inputs of a form; with the marks of its groups below DATA_UPLOAD_MAX_NUMBER_FIELDS."""
MOST_LETTERS = 10_000
"""Of one text."""
MOST_ALL_LETTERS = 500_000
"""Of all texts together."""


def check_drawable(partial: Any) -> None:
    """Raise Invalid for what cannot be drawn: it is no definition, or passes a limit."""
    if not isinstance(partial, Mapping):
        raise Invalid(Problem("", "invalid", gettext("This is no definition.")))
    refusal = too_deep(partial)
    if refusal is None:
        size = measure(partial)
        refusal = (
            too_nested(size)
            or too_many(size.conditions)
            or _over(size.fields, MOST_FIELDS, gettext("at most %(most)s values"))
            or _over(size.longest, MOST_LETTERS, gettext("texts of at most %(most)s characters"))
            or _over(size.letters, MOST_ALL_LETTERS, gettext("at most %(most)s characters in all"))
        )
    if refusal is not None:
        raise Invalid(refusal)


def _over(amount: int, most: int, what: str) -> Problem | None:
    if amount <= most:
        return None
    limit = what % {"most": number_format(most, force_grouping=True)}
    message = gettext("The builder can show a definition with %(limit)s.") % {"limit": limit}
    return Problem("", "too_large", message)
