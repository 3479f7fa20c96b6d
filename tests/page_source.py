"""The source of a page as tests compare it: how its template breaks lines does not matter."""

from __future__ import annotations

import re

from tests.fixtures.cast import Response


def source(response: Response) -> str:
    """Return a page with single spaces, and none beside tags."""
    text = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r" ?([<>]) ?", r"\1", text)
