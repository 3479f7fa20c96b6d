"""Pages that list rows: search words, cursors, and sortable heads of columns."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from segmenter.accounts.access import SeatRequest

PAGE_SIZE = 50
MOST_SEARCHED = 200
"""Most characters of a search."""


def search_words(request: SeatRequest) -> str:
    """Return the search words of a request, or ""."""
    words = request.GET.get("q", "").replace("\0", "")
    return words.strip()[:MOST_SEARCHED]


def cursors(request: SeatRequest) -> dict[str, str]:
    """Return the cursors of the requested page, as arguments of `page_of`."""
    return {name: request.GET.get(name, "") for name in ("before", "after")}


def sort_head(
    name: str, label: Any, sort: str, filters: dict[str, str], *, ascending: bool = False
) -> dict[str, str]:
    """Return the sortable head of a column.

    `sort` is the present order, such as `name` or `-name`. The first click on a column sorts in
    descending order (ascending with `ascending`); the next one reverses it.
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
