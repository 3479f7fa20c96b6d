"""Definitions with names and texts that are made to confuse: the words of the grammar itself."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

from django.utils import translation
from hypothesis import strategies as st

from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.limits import count_conditions
from segments.definition.paths import parse_path, write_path
from segments.definition.tree import kinds
from segments.sentences.grammar import NamesAreKeys
from tests.oracle.strategies import definitions
from tests.segments.definition.sentences import LANGUAGES, Json


def _words_of_sentences() -> list[str]:
    """Every word that some example's sentence has, in every language."""
    words: dict[str, None] = {}
    for language in LANGUAGES:
        with translation.override(language):
            for kind in (kinds[name] for name in kinds):
                for example in kind.examples:
                    tree = decode(
                        {"condition_groups": [{"conditions": [{"type": kind.type, **example}]}]}
                    )
                    words |= dict.fromkeys(describe(tree, NamesAreKeys()).split())
    return list(words)


def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


_WORDS = st.deferred(lambda: st.sampled_from(_words_of_sentences()))
_CONFUSING = (
    *("is set", "is not set", "in the last 30 days", "or", "and who", "where", "a, b or c", "”"),
    *("custom property", "custom property email", "email", "value", "(or never)", "“x”", '"', "”x"),
    *("egna egenskap land", "land", "värde", "pole kraj", "wartość", "raz", "once", "%(metric)s"),
    *("who have done A", "12", "1 000", "true", "sant", "prawda", "\u00a0", "e.g. this", "A\nB"),
    *("likely female", "Champions", "50 %", "1 Mar 2026", "over all time", "(those", ".", "People"),
)
_NAMES = st.one_of(
    st.lists(_WORDS, min_size=1, max_size=3).map(" ".join),
    st.sampled_from(_CONFUSING),
    st.text(min_size=1, max_size=12),
).filter(lambda name: "\0" not in name and bool(name.strip()))
_TEXTS = st.one_of(_NAMES, st.text(max_size=12).filter(lambda text: "\0" not in text))
_NUMBERS = st.one_of(
    st.integers(-20, 20),
    st.integers(-(10**12), 10**12),
    st.floats(-1e15, 1e15, allow_nan=False),
    st.decimals(-10_000, 10_000, places=2).map(float),
)
_DATES = st.one_of(
    st.dates().map(lambda day: day.isoformat()),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.datetimes(timezones=st.integers(-840, 840).map(_zone)).map(
        lambda moment: moment.isoformat(" ")
    ),
    st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat() + "Z"),
)


@st.composite
def hostile(draw: st.DrawFn, at: Any, zone: str) -> tuple[Json, list[str], list[str]]:
    """A definition, the names of its metrics, and those of its groups."""
    definition = draw(definitions(at, zone, ["SegAA1"]))
    names = {key: draw(_NAMES) for key in ("Bought", "Viewed", "Opened")}
    groups = {key: draw(_NAMES) for key in ("Alumni", "Buyers", "Letter", "SegAA1", "SegBB2")}
    for table in (names, groups):
        others: set[str] = set()
        for key, name in table.items():
            table[key] = name if name not in others else f"{name} {key}"
            others.add(table[key])
    changed = _change(draw, definition, names, groups)
    assert count_conditions(changed) == count_conditions(definition)
    return changed, list(names.values()), list(groups.values())


def _change(draw: st.DrawFn, value: Any, names: dict[str, str], groups: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_change(draw, item, names, groups) for item in value]
    if not isinstance(value, dict):
        return value
    changed: Json = {}
    kind = value.get("type")
    for field, item in value.items():
        match field:
            case "metric_id":
                changed[field] = names[item]
            case "group_ids":
                changed[field] = [groups[key] for key in item]
            case "property":
                changed[field] = _property(draw, item)
            case "distinct_by" | "measurement_property" if item:
                changed[field] = draw(_NAMES)
            case "label" if item:
                changed[field] = draw(_TEXTS)
            case "date" | "start" | "end" if kind == "date" and isinstance(item, str):
                changed[field] = draw(_DATES)
            case "value" if kind == "numeric":
                changed[field] = draw(_NUMBERS)
            case "value" if kind == "string" and "regex" not in value["operator"]:
                changed[field] = _texts(draw, item)
            case "value" if kind == "list" and not value["operator"].startswith("length"):
                changed[field] = _texts(draw, item)
            case "consent" | "permission":
                changed[field] = item  # only some texts are valid there
            case _:
                changed[field] = _change(draw, item, names, groups)
    if "filter" in changed and kind == "profile-property" and draw(st.integers(0, 3)) == 0:
        changed["filter"] = changed["filter"] | {"include_unset": True}
    return changed


def _property(draw: st.DrawFn, name: str) -> str:
    path = parse_path(name)
    if path is not None and name.startswith("properties["):
        return write_path(draw(_NAMES))
    return name if path is not None else str(draw(_NAMES))


def _texts(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, list):
        many = draw(st.sampled_from([len(value), len(value), 25]))
        return [draw(_TEXTS) for _ in range(many)]
    return draw(_TEXTS) if isinstance(value, str) else value
