"""Texts that a rule compares with what a page says: whole or in part, `*` for any characters.

Upper and lower case are the same (Unicode case folding), and so are composed and decomposed letters
(NFC). A pattern is cut at its stars and the pieces are looked for one after the other, so the time
grows with the lengths of pattern and text only. Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from segments.definition.words import either, neither, quoted

CONTAINS, NOT_CONTAINS = "contains", "not_contains"
EQUALS, NOT_EQUALS = "equals", "not_equals"
OPERATOR = Attribute(
    "operator",
    _("Comparison"),
    Kind.CHOICE,
    CONTAINS,
    choices=(
        (CONTAINS, _("contains one of")),
        (NOT_CONTAINS, _("contains none of")),
        (EQUALS, _("is one of")),
        (NOT_EQUALS, _("is none of")),
    ),
)
NEGATIVE = frozenset({NOT_CONTAINS, NOT_EQUALS})
Pieces = tuple[str, ...]
"""What stands between the stars of a pattern."""


def fold(text: str) -> str:
    """Return a text so that two that differ in case or composition only are equal."""
    return unicodedata.normalize("NFC", text.casefold())


def is_match(pieces: Pieces, text: str) -> bool:
    """Whether the whole text is the pieces with any characters between two of them."""
    first, *middle = pieces
    if not middle:
        return text == first
    last = middle.pop()
    if not text.startswith(first) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for piece in middle:
        place = text.find(piece, place, end)
        if place < 0:
            return False
        place += len(piece)
    return text.endswith(last)


def inside(pieces: Pieces) -> Pieces:
    """The pieces of the pattern with a star before and after it."""
    return ("", *pieces, "")


@lru_cache(4_096)
def text_pieces(pattern: str) -> Pieces:
    """The pieces of a pattern for texts that are folded."""
    return tuple(fold(piece) for piece in pattern.split("*"))


def text_holds(values: Mapping[str, Any], text: str) -> bool:
    """Whether a text is what `values` (an OPERATOR and `texts`) say. Nothing matches no text."""
    operator = values["operator"]
    subject = fold(text.strip())
    around: Callable[[Pieces], Pieces] = (
        inside if operator in {CONTAINS, NOT_CONTAINS} else lambda pieces: pieces
    )
    matches = bool(subject) and any(
        is_match(around(text_pieces(pattern)), subject) for pattern in values["texts"]
    )
    return matches is not (operator in NEGATIVE)


def comparison(subject: str, values: Mapping[str, Any]) -> str:
    """The sentence of an OPERATOR and `texts` about a subject, such as "The referrer"."""
    operator = values["operator"]
    texts: Iterable[str] = map(quoted, values["texts"])
    template = {
        CONTAINS: gettext("%(subject)s contains %(texts)s."),
        NOT_CONTAINS: gettext("%(subject)s does not contain %(texts)s."),
        EQUALS: gettext("%(subject)s is %(texts)s."),
        NOT_EQUALS: gettext("%(subject)s is not %(texts)s."),
    }[operator]
    listing = neither(texts) if operator in NEGATIVE else either(texts)
    return template % {"subject": subject, "texts": listing}
