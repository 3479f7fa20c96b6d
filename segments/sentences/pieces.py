"""Conditions that were read from words, before they are joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any as Json

from segments.sentences.marks import Mark
from segments.sentences.phrases import TESTED


@dataclass(frozen=True)
class TokenGap:
    """Tokens that were not understood."""

    first: int
    last: int
    choices: tuple[str, ...] = ()


@dataclass
class ConditionPiece:
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
    is_nor: bool = False
    """Whether "nor" joins it: it is negated with the one before."""
    metrics: tuple[str, ...] = ()
    """The metrics in whose events a value is looked for."""
    marks: list[Mark] = field(default_factory=list)

    @property
    def metric(self) -> str:
        """The metric of a condition on events."""
        is_metric = self.fragment.get("type") == "profile-metric"
        return str(self.fragment["metric_id"]) if is_metric else ""

    @property
    def lacks_test(self) -> bool:
        """Whether it is a property of which nothing has been said yet."""
        if self.fragment.get("type") not in TESTED:
            return False
        return "filter" not in self.fragment or (
            not self.is_whole and self.fragment["filter"] == IS_SET
        )

    def is_about(self, fragment: Mapping[str, Json]) -> bool:
        """Whether a property or prediction without a test is named once more."""
        same = ("type", "property", "dimension")
        if self.is_whole or self.marks or self.fragment.get("type") not in TESTED:
            return False
        return all(self.fragment.get(name) == fragment.get(name) for name in same)

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


IS_SET = {"type": "existence", "operator": "is-set"}
_LISTABLE = {"equals": "in", "not-equals": "not-in", "in": "in", "not-in": "not-in"}


def is_kind_of_value(piece: ConditionPiece) -> bool:
    """Whether a piece is only a name or value, without a verb or pronoun of its own."""
    return piece.is_name and not piece.has_pronoun and not piece.is_negated


def merge(first: ConditionPiece, second: ConditionPiece) -> dict[str, Json]:
    """One condition for two of the same subject: any of both, or none of both if negate."""
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


def negate(fragment: Mapping[str, Json]) -> dict[str, Json]:
    """The opposite of a membership or of a test of texts."""
    if "group_ids" in fragment:
        return {**fragment, "is_member": not fragment["is_member"]}
    opposite = {"equals": "not-equals", "in": "not-in", "not-equals": "equals", "not-in": "in"}
    test = fragment["filter"]
    return {**fragment, "filter": {**test, "operator": opposite[test["operator"]]}}
