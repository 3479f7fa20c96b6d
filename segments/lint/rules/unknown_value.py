"""unknown-value: a text is compared with a value that never occurs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext, ngettext

from profiles.columns.column import ValueKind
from segments.advice import Advice, Severity
from segments.definition.operators import Filter, ListFilter, ListHas, TextFilter, TextIn
from segments.definition.words import quoted
from segments.lint.changes import by_place, with_filters
from segments.lint.rule import LintRule, rule
from segments.lint.study import PropertyTest, Study, amount

_CONTRARY = {"nregex": "regex"}
_WHOLE = frozenset({"equals", "in"})
_PATTERN = "regex"


class Better(NamedTuple):
    """A filter that was probably meant, and in how many rows it passes."""

    label: str
    filter: Filter
    rows: int


@rule
class UnknownValue(LintRule):
    code: ClassVar[str] = "unknown-value"
    severity: ClassVar[Severity] = Severity.WARNING
    rank: ClassVar[int] = 75

    def advice(self, study: Study) -> Iterator[Advice]:
        compared = [
            test
            for test in study.tests
            if isinstance(test.filter, TextFilter | TextIn | ListHas | ListFilter)
        ]
        for tests in by_place(compared):
            unknown = {test: texts for test in tests if (texts := _unknown(test, study))}
            if unknown:
                yield self._of(unknown, study)

    def _of(self, unknown: dict[PropertyTest, list[str]], study: Study) -> Advice:
        test, texts = next(iter(unknown.items()))
        values = {"property": study.label(test), "value": quoted(texts[0])}
        if _plain_operator(test.filter) in _WHOLE or not isinstance(test.filter, TextFilter):
            sentence = gettext("No %(property)s is %(value)s.") % values
        else:
            sentence = gettext("No %(property)s has %(value)s at this place.") % values
        betters = {
            test: _ignoring_case(test, texts, study) or _closest(test, texts, study)
            for test, texts in unknown.items()
        }
        filters = {test: better.filter for test, better in betters.items() if better}
        first = betters[test]
        if first is None or len(filters) < len(betters):
            return self.say(test.place.pointer, sentence, 0)
        label = first.label if len(filters) == 1 else gettext("Use what is closest")
        fix = study.fix(label, with_filters(filters))
        return self.say(test.place.pointer, sentence, first.rows, fix)


def _unknown(test: PropertyTest, study: Study) -> list[str]:
    """The texts of a filter that no value is like; none where there are no values to compare."""
    texts = [text for text in _texts(test.filter) if not _rows(test, text, study)]
    return texts if texts and test.figures.texts(_kinds(test.filter)) else []


def _kinds(filter_: Filter) -> frozenset[ValueKind]:
    """The kinds of values that a filter compares with its texts."""
    if isinstance(filter_, ListHas | ListFilter):
        return frozenset({ValueKind.LIST})
    return frozenset({ValueKind.TEXT})


def _texts(filter_: Filter) -> list[str]:
    """The texts that a filter names."""
    value: Any = getattr(filter_, "value", ())
    items = value if isinstance(value, tuple) else (value,)
    return [item for item in items if isinstance(item, str)]


def _plain_operator(filter_: Filter) -> str:
    name = filter_.operator
    return _CONTRARY.get(name, name.removeprefix("not-"))


def _rows(test: PropertyTest, text: str, study: Study, *, ignoring: bool = False) -> int:
    """In how many rows the filter would pass for this text alone and without its negation."""
    filter_ = test.filter
    if isinstance(filter_, TextFilter | TextIn):
        more = {"ignore_case": True} if ignoring or filter_.ignore_case else {}
        name = _plain_operator(filter_)
        alone: Filter = TextFilter(operator="equals" if name == "in" else name, value=text, **more)
    else:
        alone = ListHas(operator="contains", value=text)
    return test.figures.passing(alone, study.inspection.moment)


def _ignoring_case(test: PropertyTest, unknown: list[str], study: Study) -> Better | None:
    """The same filter, if all that is unknown occurs in another case."""
    filter_ = test.filter
    if not isinstance(filter_, TextFilter | TextIn) or filter_.ignore_case:
        return None
    if _plain_operator(filter_) == _PATTERN:
        return None
    rows = [_rows(test, text, study, ignoring=True) for text in unknown]
    if not all(rows):
        return None
    return Better(gettext("Ignore case"), replace(filter_, ignore_case=True), sum(rows))


def _closest(test: PropertyTest, unknown: list[str], study: Study) -> Better | None:
    """The filter with the values that are most like those that never occur."""
    filter_: Any = test.filter  # each of these filters has a value
    if isinstance(filter_, TextFilter) and _plain_operator(filter_) != "equals":
        return None
    kinds = _kinds(filter_)
    closest = {text: near for text in unknown if (near := test.figures.closest(text, kinds))}
    if not closest or len(closest) < len(unknown):
        return None
    value = filter_.value
    if isinstance(value, tuple):
        value = tuple(dict.fromkeys(closest.get(item, item) for item in value))
    else:
        value = closest[value]
    numbers = [_rows(test, text, study) for text in dict.fromkeys(closest.values())]
    if not all(numbers):
        return None
    rows = sum(numbers)
    if test.metric:
        count = ngettext("%(count)s event", "%(count)s events", rows)
    else:
        count = ngettext("%(count)s person", "%(count)s people", rows)
    label = gettext("Use %(value)s (%(count)s)") % {
        "value": ", ".join(map(quoted, dict.fromkeys(closest.values()))),
        "count": count % {"count": amount(rows)},
    }
    return Better(label, replace(filter_, value=value), rows)
