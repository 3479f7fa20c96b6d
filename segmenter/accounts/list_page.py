"""Pages that list rows: the words searched for, the cursors, and the heads that sort columns."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from segmenter.accounts.access import SeatRequest

PAGE_SIZE = 50
MOST_SEARCHED = 200
"""Characters of a search that are read."""


def search_words(request: SeatRequest) -> str:
    """Return what is searched for; empty if nothing is."""
    words = request.GET.get("q", "").replace("\0", "")
    return words.strip()[:MOST_SEARCHED]


def cursors(request: SeatRequest) -> dict[str, str]:
    """Return where the requested page begins, as `page_of` takes it."""
    return {name: request.GET.get(name, "") for name in ("before", "after")}


def sort_head(
    name: str, label: Any, sort: str, filters: dict[str, str], *, ascending: bool = False
) -> dict[str, str]:
    """Return the head of a column that sorts by it.

    `sort` is the present order, such as `name` or `-name`. A column that is not sorted by sorts
    from the largest or latest when pressed, or from A with `ascending`; pressed again it turns.
    """
    first = name if ascending else f"-{name}"
    reverse = {name: f"-{name}", f"-{name}": name}
    is_sorted = sort.lstrip("-") == name
    return {
        "name": name,
        "label": str(label),
        "query": urlencode({**filters, "sort": reverse[sort] if is_sorted else first}),
        "direction": ("descending" if sort[0] == "-" else "ascending") if is_sorted else "",
    }
