"""A property or a prediction of people: a value, or unset.

Each sort of value is tried on the filters themselves: the texts and numbers that the filters name,
and numbers between them. Of all other texts the filters for parts of a text may say anything, but
not what contradicts another one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from zoneinfo import ZoneInfo

import numpy as np

from profiles import places
from profiles.columns.column import Bools, Column, ValueKind, from_instants, from_python, identity
from profiles.columns.instants import NO_INSTANT, to_datetime
from segments.definition.conditions import predictive
from segments.definition.conditions.predictive import ProfilePredictiveAnalytics
from segments.definition.conditions.property import ProfileProperty
from segments.definition.conditions.region import ProfileRegion
from segments.definition.operators import (
    DateFilter,
    Filter,
    ListFilter,
    ListHas,
    ListLength,
    ListSubstring,
    NumberTest,
    PhoneCountry,
    TextFilter,
    TextIn,
)
from segments.definition.paths import INSTANTS, NUMBERS, PropertyPath
from segments.definition.tree import Condition
from segments.definition.windows import Moment
from segments.lint.logic.subject import Signatures, Subject, spots_around, subjects

MOST_ROWS = 512
_UTC = ZoneInfo("UTC")
_JSON = frozenset(set(ValueKind) - {ValueKind.INSTANT})
_LISTS = (ListFilter, ListHas, ListSubstring, ListLength)
Choice = dict[int, bool]
"""Number of a test to its answer."""
Base = tuple[str, Hashable, bool]
"""What a test asks about: an operator, its value, and whether case is ignored."""
BaseOf = Callable[[Filter], tuple[Base, bool] | None]
"""Filter to what it asks about, and whether it asks for the contrary."""


@dataclass(frozen=True)
class ColumnSubject(Subject):
    """A column of people, whose values are of some kinds."""

    name: Hashable
    kinds: frozenset[ValueKind]

    def signatures(self, conditions: Sequence[Condition], moment: Moment) -> Signatures | None:
        return _Table(conditions, self.kinds, moment).signatures()


@subjects.register(ProfileProperty.type)
def _of_property(condition: Condition) -> Subject:
    assert isinstance(condition, ProfileProperty)
    return _column(condition.path)


def _column(path: PropertyPath) -> Subject:
    kinds = _JSON
    if not path.custom:
        kinds = frozenset({ValueKind.TEXT})
        if path.name in INSTANTS:
            kinds = frozenset({ValueKind.INSTANT})
        elif path.name in NUMBERS:
            kinds = frozenset({ValueKind.NUMBER})
    return ColumnSubject(path, kinds)


@subjects.register(ProfileRegion.type)
def _of_region(condition: Condition) -> Subject:
    return _column(PropertyPath("country", custom=False))


@subjects.register(ProfilePredictiveAnalytics.type)
def _of_prediction(condition: Condition) -> Subject:
    assert isinstance(condition, ProfilePredictiveAnalytics)
    name = condition.column_name
    if name in dict(predictive.DATES):
        return ColumnSubject(name, frozenset({ValueKind.INSTANT}))
    is_text = name in dict(predictive.TEXTS)
    return ColumnSubject(name, frozenset({ValueKind.TEXT if is_text else ValueKind.NUMBER}))


class _Table:
    """The answers of conditions about one column, for all sorts of values."""

    def __init__(
        self, conditions: Sequence[Condition], kinds: frozenset[ValueKind], moment: Moment
    ) -> None:
        self._conditions, self._kinds, self._moment = conditions, kinds, moment
        self._filters: dict[int, Filter] = {
            i: c.filter
            for i, c in enumerate(conditions)
            if isinstance(c, ProfileProperty | ProfilePredictiveAnalytics)
        }
        self._rows: list[Bools] = []

    def signatures(self) -> Signatures | None:
        unset = self._truths(from_python([None]))
        for kind in sorted(self._kinds):
            for sample, choices in self._sorts(kind):
                if len(choices) * len(sample) + len(self._rows) > MOST_ROWS:
                    return None
                for row in sample:
                    for choice in choices:
                        answers = row.copy()
                        answers[list(choice)] = list(choice.values())
                        self._rows.append(answers)
        truths = np.array([*unset, *self._rows], dtype=np.bool_).reshape(-1, len(self._conditions))
        is_set = np.ones(len(truths), dtype=np.bool_)
        is_set[: len(unset)] = False
        return Signatures(truths, is_set)

    def _sorts(self, kind: ValueKind) -> Iterator[tuple[Bools, list[Choice]]]:
        """Answers for sample values of a kind, and what may be otherwise with a similar value."""
        match kind:
            case ValueKind.NUMBER:
                yield self._truths(from_python(self._numbers())), [{}]
            case ValueKind.BOOLEAN:
                yield self._truths(from_python([True, False])), [{}]
            case ValueKind.OBJECT:
                yield self._truths(from_python([{}])), [{}]
            case ValueKind.LIST:
                yield self._truths(from_python([[]])), self._choices(_item_base)
            case ValueKind.INSTANT:
                instants = np.array(self._instants() or [0], dtype=np.int64)
                yield self._truths(from_instants(instants)), self._choices(self._moving_date)
            case ValueKind.TEXT:
                yield from self._texts()

    # --- texts ---

    def _texts(self) -> Iterator[tuple[Bools, list[Choice]]]:
        literals = self._literals()
        if literals:
            yield self._truths(from_python(literals)), [{}]
        other = "\ue000"
        while other in literals:
            other += other
        dates = []
        for instant in self._instants():
            try:
                dates.append(to_datetime(instant, _UTC).isoformat())
            except (OverflowError, ValueError):  # no text has such a year
                continue
        samples = self._truths(from_python([other, *dates]))
        variants = [self._variant(samples[0], text) for text in literals]
        yield np.array([*samples, *variants]), self._other_texts()

    def _literals(self) -> list[str]:
        """The texts that are compared as a whole."""
        texts: dict[str, None] = {}
        for filter_ in self._filters.values():
            if isinstance(filter_, TextIn):
                texts |= dict.fromkeys(filter_.value)
            elif isinstance(filter_, TextFilter):
                texts[filter_.value] = None
        return list(texts)

    def _variant(self, other: Bools, text: str) -> Bools:
        """The answers for a text that equals another one only if case is ignored."""
        same = self._truths(from_python([text]))[0]
        ignoring = [bool(getattr(self._filters.get(i), "ignore_case", False)) for i in self._all]
        return np.where(ignoring, same, other)

    def _other_texts(self) -> list[Choice]:
        choices = self._choices(_part_base, self._moving_date)
        regions = self._regions()
        return [{**a, **b} for a, b in product(choices, regions)] if regions else choices

    def _regions(self) -> list[Choice]:
        """What the conditions about regions say of each country, once each."""
        regions = {i: c for i, c in enumerate(self._conditions) if isinstance(c, ProfileRegion)}
        if not regions:
            return []
        codes = {code for c in regions.values() for code in places.REGIONS[c.region]} | {""}
        rows = {
            tuple((code in places.REGIONS[c.region]) == c.in_region for c in regions.values())
            for code in codes
        }
        return [dict(zip(regions, row, strict=True)) for row in sorted(rows)]

    # --- what may be either way ---

    def _choices(self, *bases: BaseOf) -> list[Choice]:
        """The answers of the tests that a sample does not decide, in all ways that agree."""
        tests: dict[Base, list[tuple[int, bool]]] = {}
        for i, filter_ in self._filters.items():
            for base_of in bases:
                question = base_of(filter_)
                if question is not None:
                    base, negated = question
                    tests.setdefault(base, []).append((i, negated))
        if 2 ** len(tests) > MOST_ROWS:
            return [{}] * (MOST_ROWS + 1)  # too many
        choices = []
        for answers in product((False, True), repeat=len(tests)):
            truths = dict(zip(tests, answers, strict=True))
            if _agree(truths):
                choices.append(
                    {i: truths[base] != negated for base in tests for i, negated in tests[base]}
                )
        return choices

    def _moving_date(self, filter_: Filter) -> tuple[Base, bool] | None:
        """A filter of dates that is no window, so that samples do not decide it."""
        if isinstance(filter_, DateFilter) and not self._is_window(filter_):
            return (filter_.type, filter_, False), False
        return None

    def _is_window(self, filter_: DateFilter) -> bool:
        try:
            filter_.window(self._moment)
        except NotImplementedError:
            return False
        return True

    # --- samples ---

    @property
    def _all(self) -> range:
        return range(len(self._conditions))

    def _numbers(self) -> list[float]:
        tests = [f for f in self._filters.values() if isinstance(f, NumberTest)]
        bounds = [bound for test in tests for bound in test.bounds]
        return spots_around([*bounds, *(round(bound, 4) for bound in bounds)])

    def _instants(self) -> list[int]:
        """An instant in each part of time that the windows of the filters cut out."""
        edges: set[int] = set()
        for filter_ in self._filters.values():
            if isinstance(filter_, DateFilter) and self._is_window(filter_):
                edges |= set(filter_.window(self._moment))
        if not edges:
            return []
        return [spot for spot in sorted(edges | {e - 1 for e in edges}) if spot > NO_INSTANT]

    def _truths(self, column: Column) -> Bools:
        """bool[r, c]: the answers for r values."""
        return np.stack([self._answers(c, column) for c in self._conditions], axis=1)

    def _answers(self, condition: Condition, column: Column) -> Bools:
        if isinstance(condition, ProfileRegion):
            texts = column.values.texts.to_pylist()
            codes = [places.country_code(text) if text else None for text in texts]
            inside = places.REGIONS[condition.region]
            is_in = [(code in inside) == condition.in_region for code in codes]
            return column.spread(np.array(is_in, dtype=np.bool_))
        assert isinstance(condition, ProfileProperty | ProfilePredictiveAnalytics)
        test = condition.filter
        is_money = isinstance(condition, ProfilePredictiveAnalytics) and (
            condition.dimension in dict(predictive.AMOUNTS)
        )
        if is_money and isinstance(test, NumberTest):
            matches = test.holds_money(column.number_per_row())
            return matches | ~column.is_set if test.include_unset else matches
        return test.test(column, self._moment)


def _part_base(filter_: Filter) -> tuple[Base, bool] | None:
    """What a filter asks about a part of a text, and whether it asks for the contrary."""
    if isinstance(filter_, TextFilter) and not filter_.operator.endswith("equals"):
        name = filter_.operator.removeprefix("not-").replace("nregex", "regex")
        ignoring = bool(filter_.ignore_case)
        value = filter_.value.casefold() if ignoring and name != "regex" else filter_.value
        return (name, value, ignoring), name != filter_.operator
    if isinstance(filter_, PhoneCountry):
        return (filter_.operator, filter_.value, False), False
    return None


def _item_base(filter_: Filter) -> tuple[Base, bool] | None:
    """The same of the items of a list."""
    if isinstance(filter_, TextFilter) and filter_.operator in {"contains", "not-contains"}:
        base = _part_base(filter_)
        return base and (("item", *base[0][1:]), base[1])
    if not isinstance(filter_, _LISTS):
        return None
    name = filter_.operator.removeprefix("not-")
    values = filter_.value if isinstance(filter_, ListFilter) else (filter_.value,)
    if isinstance(filter_, ListFilter) and len(values) == 1:
        name = "contains"
    items = frozenset(map(identity, values))
    return (name, items, False), name != filter_.operator


def _agree(truths: dict[Base, bool]) -> bool:
    """Whether some text can have these answers: "contains cotton" implies "contains cot"."""
    affirmed = [base for base, truth in truths.items() if truth]
    refused = [base for base, truth in truths.items() if not truth]
    return not any(_implies(one, other) for one in affirmed for other in refused)


def _implies(one: Base, other: Base) -> bool:
    """Whether a text with a part must have another part, too."""
    name, value, ignoring = one
    other_name, other_value, other_ignoring = other
    if not isinstance(value, str) or not isinstance(other_value, str):
        return False
    if ignoring and not other_ignoring:
        return False
    if other_ignoring and not ignoring:
        value = value.casefold()
    match name, other_name:
        case (("contains" | "starts-with" | "ends-with"), "contains"):
            return other_value in value
        case "starts-with", "starts-with":
            return value.startswith(other_value)
        case "ends-with", "ends-with":
            return value.endswith(other_value)
    return False
