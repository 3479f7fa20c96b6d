"""Which text can be stored: PostgreSQL takes neither U+0000 nor half of a surrogate pair."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether PostgreSQL and UTF-8 can hold a text."""
    if text.isascii():
        return "\0" not in text
    return _UNSTORABLE.search(text) is None
