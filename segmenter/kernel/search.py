"""Global search: each app registers a search over its own rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from segmenter.kernel.registry import Registry


@dataclass(frozen=True)
class Hit:
    """One result: title, URL, and a note."""

    title: str
    href: str
    note: str = ""


@dataclass(frozen=True)
class Search:
    """A search over one kind of object.

    `find(account_id, words, limit)` returns at most `limit` hits of that account, best first;
    without words, the most likely ones.
    """

    title: str | Promise
    icon: str
    rank: int
    """Position of its hits among the others': smaller is higher."""
    find: Callable[[int, str, int], list[Hit]]


searches: Registry[Search] = Registry("search")
"""Filled in each app's AppConfig.ready."""


@dataclass(frozen=True)
class SearchResults:
    """The hits of one search."""

    search: Search
    hits: list[Hit]


def find_everything(account_id: int, words: str, *, limit: int = 6) -> list[SearchResults]:
    """Run every search; those without hits are left out."""
    ranked: Iterable[Search] = sorted((s for _, s in searches.items()), key=lambda s: s.rank)
    results = (SearchResults(search, search.find(account_id, words, limit)) for search in ranked)
    return [result for result in results if result.hits]
