"""Rank what some words may mean in an account."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from threading import Lock

from cachetools import LRUCache
from django.utils.translation import get_language, gettext

from segmenter.kernel.registry import import_all
from segments.engine.vocabulary import Catalog
from segments.lexicon.entries import Fragment, entries, names, values
from segments.lexicon.index import Fit, Index
from segments.lexicon.labels import label
from segments.lexicon.modify import modify
from segments.lexicon.query import Query, parse
from segments.lexicon.shop import ShopNames

MOST = 40
_WEAK = 0.35
"""A match that is not whole is offered from this score on, where there is nothing better."""
_UNUSED = 0.72
"""What a match is worth if something that was typed beside its words is of no use for it."""
_MODIFIED = 0.99
_PART_OF_BEST = 0.55
"""A fit with a smaller part of the best score is not looked at."""
_MOST_FITS = 40
MOST_ACCOUNTS = 32
"""Accounts and languages whose index of names a process keeps."""


@dataclass(frozen=True)
class Match:
    """One thing that the words may mean."""

    words: str
    """Its name in the active language."""
    fragment: Fragment
    """The condition; empty where it cannot be chosen."""
    score: float
    """0 to 1, to compare matches of one query."""
    group: str
    """The key of its heading, in `labels.HEADINGS`."""
    phrase: str = ""
    """The words of the lexicon by which it was found; empty where that is its own name."""
    is_whole: bool = True
    """Whether all that was typed fits; else it is only near."""
    is_exact: bool = False
    """Whether what was typed is what is said, but for endings: no error, no beginning of a word."""
    closed: str = ""
    """Why it cannot be chosen now."""


def find(
    catalog: Catalog, words: str, language: str | None = None, *, today: date, most: int = MOST
) -> list[Match]:
    """What the words may mean, the best first. Near matches only where nothing fits as a whole.

    Words of all languages are understood; those of `language` (default: the active one) come
    first among equals. `today` is the day in the account's time zone.
    """
    language = (language or get_language() or "en")[:2]
    query = parse(words, language)
    if not query.words:
        return []
    shop = ShopNames(catalog, today)
    matches = [*_by_words(shop, query, language), *_by_values(shop, query)]
    whole = [match for match in matches if match.is_whole]
    likely = whole or [match for match in matches if match.score >= _WEAK]
    return _with_names(catalog, _best(likely)[:most])


def near(
    catalog: Catalog, words: str, language: str | None = None, *, today: date, most: int = 3
) -> list[Match]:
    """What comes nearest to words that mean nothing here: words that begin alike."""
    shop, language = ShopNames(catalog, today), (language or get_language() or "en")[:2]
    query = parse(words, language)
    matches: list[Match] = []
    for typed in query.words:
        for length in range(len(typed), 1, -1):
            part = replace(query, words=(typed[:length],), rest=(typed[:length],))
            hits = [match for match in _by_words(shop, part, language) if not match.closed]
            if hits:
                matches += hits[:most]
                break
    return _with_names(catalog, _best(matches)[:most])


def _with_names(catalog: Catalog, matches: Iterable[Match]) -> list[Match]:
    return [
        replace(match, words=label(catalog, match.fragment)) if match.fragment else match
        for match in matches
    ]


def _by_words(shop: ShopNames, query: Query, language: str) -> Iterator[Match]:
    for index in (_standard_index(), _own_index(shop, language)):
        for fit in _likely(index.fits(query.words, language)):
            yield from _matches(shop, fit, None)
        if query.is_modified and query.rest:
            for fit in _likely(index.fits(query.rest, language)):
                yield from _matches(shop, fit, query)
    if query.is_modified and not query.rest:
        is_share = query.amount is not None and query.amount.unit == "percent"
        for number, name in enumerate(_SHARES if is_share else _SUBJECTS):
            fit = Fit(0.97 - number / 100, entries[name], entries[name].phrases[0], True, False)
            yield from _matches(shop, fit, query)


_SUBJECTS = ("placed-order", "active-on-site", "opened-email", "clicked-email", "viewed-product")
"""What is meant by a time or a number alone, the likeliest first."""
_SHARES = ("kind profile-sample", "churn", "order-probability", "open-rate")
"""What is meant by a percentage alone."""


def _likely(fits: list[Fit]) -> Iterator[Fit]:
    """The fits that may be among the best: whole ones first."""
    least = max((fit.score for fit in fits if fit.is_whole), default=_WEAK) * _PART_OF_BEST
    for fit in fits[:_MOST_FITS]:
        if fit.score < least:
            return
        yield fit


def _matches(shop: ShopNames, fit: Fit, query: Query | None) -> Iterator[Match]:
    entry, score = fit.entry, fit.score
    is_foreign = bool(fit.phrase.language)
    found_by = fit.phrase.text if is_foreign else ""
    how = (entry.group, found_by, fit.is_whole, fit.is_exact)
    lacking = [name for name in entry.metrics if shop.metric(name) is None]
    if lacking:
        yield Match(lacking[0], {}, score, *how, gettext("no events yet"))
        return
    fragment = entry.make(shop)
    if fragment is None:
        return
    if query is not None:
        fragment, uses = modify(fragment, query)
        wants = query.is_negated + (query.timeframe is not None) + (query.amount is not None)
        score *= _MODIFIED if uses >= wants else _UNUSED
    yield Match("", fragment, score, *how, entry.lacks or _closed(shop, fragment))


def _by_values(shop: ShopNames, query: Query) -> Iterator[Match]:
    for _name, source in values.items():
        for value in source(shop, query):
            fragment, score = value.fragment, value.score
            if query.is_modified:
                fragment, uses = modify(fragment, query)
                score *= 1 if uses else _UNUSED
            yield Match("", fragment, score, value.group, value.phrase)


def _closed(shop: ShopNames, fragment: Fragment) -> str:
    dimension = fragment.get("dimension")
    return shop.catalog.closed_predictions.get(str(dimension), "") if dimension else ""


@cache
def _standard_index() -> Index:
    import_all("segments.lexicon.topics")
    return Index(entry for _name, entry in entries.items())


_indexes: LRUCache[object, Index] = LRUCache(MOST_ACCOUNTS)
_lock = Lock()


def _own_index(shop: ShopNames, language: str) -> Index:
    """The index of the names of an account; made anew when a name has changed."""
    key = (language, shop.signature)
    with _lock:
        index = _indexes.get(key)
    if index is None:
        index = Index(entry for _name, source in names.items() for entry in source(shop))
        with _lock:
            _indexes[key] = index
    return index


def _best(matches: Iterable[Match]) -> list[Match]:
    """The best match of each condition, the best first."""
    best: dict[str, Match] = {}
    for match in matches:
        key = json.dumps(match.fragment, sort_keys=True) if match.fragment else match.words
        known = best.get(key)
        if known is None or match.score > known.score:
            best[key] = match
    return sorted(best.values(), key=lambda one: -one.score)
