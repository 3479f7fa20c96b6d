"""Search everything: each app adds a search over what it owns, when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from segmenter.kernel.registry import Registry


@dataclass(frozen=True)
class Hit:
    """One thing found: what it is called, where it is, and a word beside it."""

    title: str
    href: str
    note: str = ""


@dataclass(frozen=True)
class Search:
    """A search over one kind of thing.

    `find(account_id, words, limit)` returns at most `limit` hits of that account, best first; with
    no words, the ones a person most likely wants.
    """

    title: str | Promise
    icon: str
    rank: int
    """Where its hits stand among the others': smaller is higher."""
    find: Callable[[int, str, int], list[Hit]]


searches: Registry[Search] = Registry("search")
"""Filled in each app's AppConfig.ready."""


@dataclass(frozen=True)
class SearchResults:
    """What one search found."""

    search: Search
    hits: list[Hit]


def find_everything(account_id: int, words: str, *, limit: int = 6) -> list[SearchResults]:
    """Ask every search; those that found nothing are left out."""
    ranked: Iterable[Search] = sorted((s for _, s in searches.items()), key=lambda s: s.rank)
    found = (SearchResults(search, search.find(account_id, words, limit)) for search in ranked)
    return [one for one in found if one.hits]
