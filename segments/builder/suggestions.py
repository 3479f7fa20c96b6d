"""What the builder's boxes suggest while somebody types: from the account's own data.

One source for each thing that can be asked for. Values come with how many people or events have
them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import ceil
from string import ascii_uppercase
from typing import Any

import numpy as np
import pyarrow.compute as pc
from django.db.models import Count
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from predictions.numerics.bands import Risk
from predictions.pages.wording import risk_name
from predictions.storage.table import FIELDS
from profiles import places
from profiles.columns.column import Bools, Column, ValueKind
from profiles.columns.gather import everyone
from profiles.columns.population import Population, UnknownKey
from profiles.models import List
from segmenter.kernel.registry import Registry
from segments.builder.controls.plain import percent_text
from segments.builder.defaults import property_filter, settled, start
from segments.definition.conditions import predictive
from segments.definition.operators import ANY
from segments.definition.paths import parse_path, write_path
from segments.definition.tree import kinds
from segments.engine.vocabulary import Catalog, Types

MOST = 40
"""Suggestions that are given at once."""


@dataclass(frozen=True)
class Suggestion:
    """One thing to choose. `value` is the JSON that is put in place."""

    words: str
    value: str
    note: str = ""
    group: str = ""
    icon: str = ""
    closed: str = ""
    """Why it cannot be chosen now."""


Source = Callable[[Catalog, Mapping[str, str], str], Iterable[Suggestion]]

sources: Registry[Source] = Registry("suggestion source")
"""What is asked for to (catalog, what it is about, the words typed) -> suggestions."""


def suggestions(catalog: Catalog, about: Mapping[str, str]) -> list[Suggestion]:
    """What to suggest. `about` holds `what`, the words typed `q`, and what `what` needs to know."""
    what = about.get("what", "")
    if what not in sources:
        return []
    found = sources[what](catalog, about, about.get("q", "").strip())
    return [suggestion for suggestion, _n in zip(found, range(MOST), strict=False)]


def _best(found: Iterable[Suggestion], words: str) -> list[Suggestion]:
    """Those that hold the words, in their groups: first what begins with them."""
    wanted = words.casefold()
    ranked: list[tuple[int, int, Suggestion]] = []
    groups: dict[str, int] = {}
    for each in found:
        name = each.words.casefold()
        if wanted not in name:
            continue
        group = groups.setdefault(each.group, len(groups))
        rank = 0 if name.startswith(wanted) else 1 if f" {wanted}" in name else 2
        ranked.append((group, rank, each))
    return [each for _g, _r, each in sorted(ranked, key=lambda one: one[:2])]


def _put(about: Mapping[str, str], value: Any, **more: Any) -> str:
    """The JSON that puts a value into the field that asked."""
    return json.dumps({about.get("field", ""): value, **more})


# --- conditions ----------------------------------------------------------------------------------


@sources.register("condition")
def _conditions(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterator[Suggestion]:
    found = [*_kinds(catalog)]
    if words:
        found += [*_done(catalog), *_known(catalog), *_predicted(catalog), *_inside(catalog)]
    yield from _best(found, words)


def _condition(catalog: Catalog, words: str, member: Any, group: str, icon: str) -> Suggestion:
    return Suggestion(words, json.dumps(settled(member, catalog)), "", gettext(group), icon)


_MOST_USED = frozenset({"profile-metric", "profile-property", "profile-group-membership"})
"""Kinds that are offered before the others."""


def _kinds(catalog: Catalog) -> Iterator[Suggestion]:
    for kind, cls in sorted(kinds.items(), key=lambda one: one[0] not in _MOST_USED):
        if not cls.unsupported:
            icon = cls.icon
            yield _condition(
                catalog, gettext(cls.title), start(kind), _("Kinds of conditions"), icon
            )


def _done(catalog: Catalog) -> Iterator[Suggestion]:
    for key, name in sorted(catalog.metrics.items(), key=lambda one: one[1].casefold()):
        member = {**start("profile-metric"), "metric_id": key}
        yield _condition(catalog, name, member, _("What someone has done"), "metrics")


def _known(catalog: Catalog) -> Iterator[Suggestion]:
    for path in catalog.profile_properties:
        member = {"type": "profile-property", "property": path}
        label = catalog.label("profile", path)
        yield _condition(catalog, label, member, _("Properties about someone"), "person")


def _predicted(catalog: Catalog) -> Iterator[Suggestion]:
    seen: set[str] = set()
    for name, label in (*predictive.NUMERIC, *predictive.DATES, *predictive.TEXTS):
        if label not in seen:
            seen.add(label)
            member = {"type": "profile-predictive-analytics", "dimension": name}
            found = _condition(catalog, gettext(label), member, _("Predictions"), "clock")
            closed = catalog.closed_predictions.get(name, "")
            yield replace(found, note=gettext("not available") if closed else "", closed=closed)


def _inside(catalog: Catalog) -> Iterator[Suggestion]:
    for suggestion in _groups(catalog):
        member = {**start("profile-group-membership"), "group_ids": [json.loads(suggestion.value)]}
        yield _condition(catalog, suggestion.words, member, _("Lists and segments"), "lists")


# --- metrics, groups, properties -----------------------------------------------------------------


@sources.register("metric")
def _metrics(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterable[Suggestion]:
    named = sorted(catalog.metrics.items(), key=lambda one: one[1].casefold())
    found = (Suggestion(name, _put(about, key), icon="metrics") for key, name in named)
    return _best(found, words)


@sources.register("group")
def _lists_and_segments(
    catalog: Catalog, about: Mapping[str, str], words: str
) -> Iterable[Suggestion]:
    return _best(_groups(catalog), words)


def _groups(catalog: Catalog) -> Iterator[Suggestion]:
    lists = List.objects.filter(account=catalog.account).annotate(size=Count("members"))
    for key, name, size in lists.order_by("name").values_list("key", "name", "size"):
        yield Suggestion(name, json.dumps(key), _people(size), gettext("Lists"), "lists")
    for segment in sorted(catalog.segments.values(), key=lambda one: one.name.casefold()):
        note, key = _people(segment.size), json.dumps(segment.key)
        yield Suggestion(segment.name, key, note, gettext("Segments"), "segments")


@sources.register("property")
def _properties(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterator[Suggestion]:
    of, metric = about.get("of", ""), about.get("metric", "")
    event = of == "event"
    known = catalog.event_properties(metric) if event else catalog.profile_properties
    found = [
        Suggestion(
            catalog.label(of, name), _put(about, name, **_with(about, name, types)), _types(types)
        )
        for name, types in known.items()
    ]
    yield from _best(found, words)
    named = words if event else write_path(words)
    if words and named not in known and not any(each.words == words for each in found):
        told = gettext("Use “%(name)s”, which nobody has yet") % {"name": words}
        yield Suggestion(told, _put(about, named, **_with(about, named, frozenset())))


def _with(about: Mapping[str, str], name: str, types: Types) -> dict[str, Any]:
    """The filter that goes with a property, where one does."""
    return {"filter": property_filter(types, name, ANY)} if about.get("filter") else {}


_TYPE_WORDS = {
    "text": _("text"),
    "date": _("date"),
    "instant": _("date"),
    "number": _("number"),
    "boolean": _("yes or no"),
    "list": _("list"),
    "object": _("object"),
}


def _types(types: Types) -> str:
    return " / ".join(sorted({gettext(_TYPE_WORDS[each]) for each in types}))


# --- values --------------------------------------------------------------------------------------


@sources.register("value")
def _values(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterator[Suggestion]:
    note = _events if about.get("of") == "event" else _people
    counts: Counter[str] = Counter()
    for people, heard in everyone(catalog.account).shares:
        column = _column(people, heard, about)
        if column is None:
            return
        for value, count in _most_common(column, words):
            counts[json.dumps(value)] += count
    for written, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST]:
        yield Suggestion(_value_text(json.loads(written)), written, note(count))


def _column(people: Population, heard: Bools | None, about: Mapping[str, str]) -> Column | None:
    """The column of the property that is asked about, of those who are heard."""
    name = about.get("property", "")
    if about.get("of") != "event":
        path = parse_path(name)
        if path is None:
            return None
        column = path.column(people)
        return column if heard is None else column.where(heard)
    try:
        events = people.events(about.get("metric", ""))
    except UnknownKey:
        return None
    column = events.column(name)
    return column if heard is None else column.where(heard[events.who])


def _most_common(column: Column, words: str) -> list[tuple[Any, int]]:
    """The values that hold the words, the most common first, with their counts; items of lists."""
    counts, values = column.counts(), column.values
    found = values.of(ValueKind.TEXT)
    if words:
        held = pc.match_substring(values.texts, words, ignore_case=True)
        found = found & np.asarray(pc.fill_null(held, False))
    shown = [(values.at(int(at)), int(counts[at])) for at in _top(found, counts)]
    plain = values.of(ValueKind.NUMBER) | values.of(ValueKind.BOOLEAN)
    for at in _top(plain, counts, _MOST_LOOKED_AT):
        if words.casefold() in _value_text(values.at(int(at))).casefold():
            shown.append((values.at(int(at)), int(counts[at])))
    shown += _items(column, words)
    return sorted(shown, key=lambda one: (-one[1], str(one[0])))[:MOST]


_MOST_LOOKED_AT = 2_000


def _top(found: Any, counts: Any, most: int = MOST) -> Any:
    """The positions of the most common of the values that are marked."""
    at = np.flatnonzero(found & (counts > 0))
    if len(at) > most:
        at = at[np.argpartition(-counts[at], most)[:most]]
    return at


def _items(column: Column, words: str) -> list[tuple[Any, int]]:
    wanted, counts = words.casefold(), column.counts()
    found: Counter[Any] = Counter()
    for at, items in column.values.lists.items():
        for item in {each for each in items if isinstance(each, str | int | float)}:
            if wanted in _value_text(item).casefold():
                found[item] += int(counts[at])
    return found.most_common(MOST)


def _value_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _people(count: int) -> str:
    told = ngettext("%(count)s person", "%(count)s people", count)
    return told % {"count": number_format(count, force_grouping=True)}


def _events(count: int) -> str:
    told = ngettext("%(count)s event", "%(count)s events", count)
    return told % {"count": number_format(count, force_grouping=True)}


@sources.register("risk")
def _risks(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterator[Suggestion]:
    """The account's bands of churn risk, while nothing is typed; each is a whole filter."""
    if words:
        return
    medium, high = catalog.risk_limits
    step = 10.0**-CHURN_DIGITS
    below_high = round((ceil(high / step - 1e-6) - 1) * step, CHURN_DIGITS)
    said = {"medium": percent_text(medium), "below": percent_text(below_high)}
    said["high"] = percent_text(high)
    bands: list[tuple[Risk, str, dict[str, Any]]] = [
        (Risk.HIGH, gettext("from %(high)s %%"), {"operator": _AT_LEAST, "value": high}),
        (
            Risk.MEDIUM,
            gettext("from %(medium)s %% to %(below)s %%"),
            {"operator": "between", "start": medium, "end": below_high},
        ),
        (Risk.LOW, gettext("under %(medium)s %%"), {"operator": "less-than", "value": medium}),
    ]
    for risk, note, test in bands:
        filter_ = {"type": "numeric", **test}
        yield Suggestion(risk_name(risk), _put(about, filter_), note % said)


_AT_LEAST = "greater-than-or-equal"
CHURN_DIGITS = FIELDS["churn_probability"].digits
"""Decimals that a churn risk is kept with: the last one below a limit can be told."""


# --- places --------------------------------------------------------------------------------------


@sources.register("place")
def _places(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterator[Suggestion]:
    for place in places.search(words, limit=10):
        country = places.country_name(place.country) or place.country
        where = ", ".join(part for part in (place.region, country) if part)
        point = {
            "label": f"{place.name}, {country}",
            "latitude": place.latitude,
            "longitude": place.longitude,
        }
        yield Suggestion(place.name, json.dumps(point), where, icon="place")


@sources.register("country")
def _country(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterable[Suggestion]:
    code = places.alpha3(places.country_code(words)) if words else None
    found = [
        Suggestion(name, _put(about, alpha3), alpha3) for name, _alpha2, alpha3 in _all_countries()
    ]
    exact = [each for each in found if code and each.note == code]
    return [*exact, *(each for each in _best(found, words) if each not in exact)]


@sources.register("calling-country")
def _calling_country(
    catalog: Catalog, about: Mapping[str, str], words: str
) -> Iterable[Suggestion]:
    found = (Suggestion(name, json.dumps(two), two) for name, two, _alpha3 in _all_countries())
    return _best(found, words)


@cache
def _all_countries() -> list[tuple[str, str, str]]:
    """(name, alpha-2 code, alpha-3 code) by name."""
    codes = [first + second for first in ascii_uppercase for second in ascii_uppercase]
    known = [(places.country_name(code), code, places.alpha3(code)) for code in codes]
    return sorted((name, two, three) for name, two, three in known if name and three)
