"""The values of a property, the most common first, with how many people or events have them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow.compute as pc
from django.utils.formats import number_format
from django.utils.translation import ngettext

from profiles.columns.column import Bools, Column, ValueKind
from profiles.columns.gather import everyone
from profiles.columns.population import Population, UnknownKey
from segments.builder.suggestions import MOST, Suggestion, people_count, sources
from segments.definition.paths import parse_path
from segments.engine.vocabulary import Catalog


@sources.register("value")
def _values(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterator[Suggestion]:
    note = _events if about.get("of") == "event" else people_count
    counts: Counter[str] = Counter()
    for people, share in everyone(catalog.account).shares:
        column = _column(people, share, about)
        if column is None:
            return
        for value, count in _most_common(column, words):
            counts[json.dumps(value)] += count
    for code, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST]:
        yield Suggestion(_value_text(json.loads(code)), code, note(count))


def _column(people: Population, share: Bools | None, about: Mapping[str, str]) -> Column | None:
    """The column of the property, of the people in `share` (None for all) or of their events."""
    name = about.get("property", "")
    if about.get("of") != "event":
        path = parse_path(name)
        if path is None:
            return None
        column = path.column(people)
        return column if share is None else column.where(share)
    try:
        events = people.events(about.get("metric", ""))
    except UnknownKey:
        return None
    column = events.column(name)
    return column if share is None else column.where(share[events.who])


def _most_common(column: Column, words: str) -> list[tuple[Any, int]]:
    """Values and items of lists that contain the words, the most common first, with counts."""
    counts, values = column.counts(), column.values
    candidates = values.of(ValueKind.TEXT)
    if words:
        is_match = pc.match_substring(values.texts, words, ignore_case=True)
        candidates = candidates & np.asarray(pc.fill_null(is_match, False))
    common = [(values.at(int(at)), int(counts[at])) for at in _top(candidates, counts)]
    plain = values.of(ValueKind.NUMBER) | values.of(ValueKind.BOOLEAN)
    for at in _top(plain, counts, _MOST_LOOKED_AT):
        if words.casefold() in _value_text(values.at(int(at))).casefold():
            common.append((values.at(int(at)), int(counts[at])))
    common += _items(column, words)
    return sorted(common, key=lambda one: (-one[1], str(one[0])))[:MOST]


_MOST_LOOKED_AT = 2_000


def _top(candidates: Any, counts: Any, most: int = MOST) -> Any:
    """The positions of the most common of the values that are marked."""
    at = np.flatnonzero(candidates & (counts > 0))
    if len(at) > most:
        at = at[np.argpartition(-counts[at], most)[:most]]
    return at


def _items(column: Column, words: str) -> list[tuple[Any, int]]:
    folded, counts = words.casefold(), column.counts()
    totals: Counter[Any] = Counter()
    for at, items in column.values.lists.items():
        for item in {each for each in items if isinstance(each, str | int | float)}:
            if folded in _value_text(item).casefold():
                totals[item] += int(counts[at])
    return totals.most_common(MOST)


def _value_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _events(count: int) -> str:
    text = ngettext("%(count)s event", "%(count)s events", count)
    return text % {"count": number_format(count, force_grouping=True)}
