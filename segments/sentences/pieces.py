"""Conditions that were read from words, before they are joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any as Json

from segments.sentences.marks import Mark


@dataclass
class Piece:
    """A condition, the tokens that say it, and what was said about it."""

    fragment: dict[str, Json]
    first: int
    last: int
    is_name: bool = False
    """Whether it is a name or a value alone, which can continue a list."""
    is_whole: bool = False
    """Whether it was read exactly: nothing can change it."""
    join: str = ""
    """`and` or `or`: how it is joined to the one before."""
    is_strong: bool = False
    """Whether a comma or "but" stands before it."""
    has_pronoun: bool = False
    is_negated: bool = False
    marks: list[Mark] = field(default_factory=list)

    @property
    def metric(self) -> str:
        """The metric of a condition on events."""
        is_metric = self.fragment.get("type") == "profile-metric"
        return str(self.fragment["metric_id"]) if is_metric else ""

    @property
    def lacks_test(self) -> bool:
        """Whether it is a property of which nothing has been said yet."""
        return self.fragment.get("type") == "profile-property" and "filter" not in self.fragment

    @property
    def is_measured(self) -> bool:
        """Whether a number belongs to it: "spent", "average order value"."""
        kind = self.fragment.get("type")
        return kind in {"profile-predictive-analytics", "profile-sample"} or (
            kind == "profile-metric" and self.fragment.get("measurement") != "count"
        )

    @property
    def subject(self) -> object:
        """What two conditions have in common that can stand in one list; None for the others."""
        kind = self.fragment.get("type")
        if kind == "profile-group-membership":
            return "timeframe_filter" in self.fragment or "groups"
        if kind == "profile-property":
            test = self.fragment["filter"]
            is_plain = test["type"] == "string" and test["operator"] in _LISTABLE
            return self.fragment["property"] if is_plain else None
        return None


_LISTABLE = {"equals": "in", "not-equals": "not-in", "in": "in", "not-in": "not-in"}


def is_kind_of_value(piece: Piece) -> bool:
    """Whether a piece is only a name or value, without a verb or pronoun of its own."""
    return piece.is_name and not piece.has_pronoun and not piece.is_negated


def merged(first: Piece, second: Piece) -> dict[str, Json]:
    """One condition for two of the same subject: any of both, or none of both if negated."""
    fragment = dict(first.fragment)
    if "group_ids" in fragment:
        fragment["group_ids"] = [*fragment["group_ids"], *second.fragment["group_ids"]]
        return fragment
    tests = [first.fragment["filter"], second.fragment["filter"]]
    values = [value for test in tests for value in _values(test)]
    operator = _LISTABLE[tests[0]["operator"]]
    fragment["filter"] = {**tests[0], "operator": operator, "value": values}
    return fragment


def _values(test: Mapping[str, Json]) -> list[str]:
    value = test["value"]
    return list(value) if isinstance(value, list) else [value]


def negated(fragment: Mapping[str, Json]) -> dict[str, Json]:
    """The opposite of a membership or of a test of texts."""
    if "group_ids" in fragment:
        return {**fragment, "is_member": not fragment["is_member"]}
    opposite = {"equals": "not-equals", "in": "not-in", "not-equals": "equals", "not-in": "in"}
    test = fragment["filter"]
    return {**fragment, "filter": {**test, "operator": opposite[test["operator"]]}}


def put_range(fragment: Mapping[str, Json], ends: tuple[float, float]) -> tuple[Json, int]:
    """The condition with a range of numbers, and whether it can have one."""
    start, end = (int(number) if number == int(number) else number for number in ends)
    test = {"type": "numeric", "operator": "between", "start": start, "end": end}
    kind = fragment.get("type")
    if kind == "profile-metric":
        return {**fragment, "measurement_filter": test}, 1
    has_number = fragment.get("filter", {}).get("type") == "numeric"
    return ({**fragment, "filter": test}, 1) if has_number else (fragment, 0)


def defaults_left(
    before: Mapping[str, Json], after: Mapping[str, Json], said: Mapping[str, object]
) -> bool:
    """Whether a condition has numbers that the lexicon chose and nobody wrote.

    At least once, once and never are no such numbers.
    """
    for path, number in _numbers(before):
        if path[0] == "measurement_filter" and number in (0, 1):
            continue
        is_time = path[-1] in {"quantity", "unit", "start", "end"} or "timeframe_filter" in path
        if ("time" if is_time else "amount") in said:
            continue
        if (path, number) in list(_numbers(after)):
            return True
    return False


def _numbers(value: Json, path: tuple[Json, ...] = ()) -> Iterator[tuple[tuple[Json, ...], float]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _numbers(item, (*path, name))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _numbers(item, (*path, i))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if path[-1] not in {"latitude", "longitude"}:
            yield path, value
