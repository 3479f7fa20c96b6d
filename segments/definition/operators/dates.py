"""Filters of instants: fixed dates, windows that move with the day, anniversaries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools, Instants, Values
from profiles.columns.instants import FIRST, LAST
from segmenter.kernel.errors import Problem
from segments.definition import spans, windows, words
from segments.definition.fields import Choice, DateText, Number, declare
from segments.definition.operators.base import Filter, Labels, filter_class, operator
from segments.definition.plain_names import add_continuations
from segments.definition.windows import Edge, Moment, Unit, Window

UNITS = (
    ("hour", _("hours")),
    ("day", _("days")),
    ("week", _("weeks")),
    ("month", _("months")),
    ("year", _("years")),
)
add_continuations(
    first=(
        *("is %(span)s", "is a date up to now", "has its anniversary %(span)s"),
        "on a date that has its anniversary %(span)s",
    )
)
_QUANTITY = Number(least=0, most=100_000, whole=True)


@dataclass(frozen=True)
class DateFilter(Filter):
    """A test of an instant."""

    type: ClassVar[str] = "date"
    spans: ClassVar[Labels]
    """Operator to the words of its span, after a verb."""

    def holds(self, instants: Instants, moment: Moment) -> Bools:
        """bool[k]: which of int64[k] microseconds match; NO_INSTANT never does."""
        return self.window(moment).holds(instants)

    def window(self, moment: Moment) -> Window:
        """The half-open window, if the filter is one. Raises NotImplementedError for the others."""
        raise NotImplementedError

    def edges(self, since: Moment, until: Moment) -> Iterator[Edge]:
        return windows.edges_between(self.window(since), self.window(until))

    def past_edges(self, since: Moment, until: Moment) -> Iterator[Edge]:
        """The same, but dates after the moment count only if the filter looks ahead."""
        if self.looks_ahead:
            yield from self.edges(since, until)
            return
        then, now = since.until_now().end, until.until_now().end
        try:
            yield from windows.edges_between(
                self.window(since).before(then), self.window(until).before(now)
            )
        except NotImplementedError:  # a filter that is no window: its own edges, and the present
            yield from self.edges(since, until)
            yield Edge(Window(then, now))

    @property
    def looks_ahead(self) -> bool:
        """Whether the filter is about the future."""
        return False

    def span(self) -> str:
        """The test as a time after a verb: "in the last 30 days"."""
        return gettext(self.spans[self.operator]) % self.literals()

    def phrase(self) -> str:
        return words.with_notes(gettext("is %(span)s") % {"span": self.span()}, self.notes())

    def matches(self, values: Values, moment: Moment) -> Bools:
        return self.holds(values.instants(moment.zone), moment)


@filter_class
@dataclass(frozen=True)
class StaticDate(DateFilter):
    labels: ClassVar[Labels] = {"before": _("is before"), "after": _("is after")}
    spans: ClassVar[Labels] = {"before": _("before %(date)s"), "after": _("after %(date)s")}
    operator: str = operator(labels)
    date: str = declare(DateText(), _("Date"))

    def window(self, moment: Moment) -> Window:
        return moment.before(self.date) if self.operator == "before" else moment.after(self.date)

    def literals(self) -> dict[str, str]:
        return {"date": words.date_text(self.date)}


@filter_class
@dataclass(frozen=True)
class StaticRange(DateFilter):
    layout: ClassVar[str] = "range"
    labels: ClassVar[Labels] = {"between-static": _("is between the dates")}
    spans: ClassVar[Labels] = {"between-static": _("from %(start)s through %(end)s")}
    operator: str = operator(labels)
    start: str = declare(DateText(), _("First day"))
    end: str = declare(DateText(), _("Last day"))

    def window(self, moment: Moment) -> Window:
        return moment.between_static(self.start, self.end)

    def literals(self) -> dict[str, str]:
        return {"start": words.date_text(self.start), "end": words.date_text(self.end)}


@filter_class
@dataclass(frozen=True)
class RelativeDate(DateFilter):
    labels: ClassVar[Labels] = {
        "in-the-last": _("in the last"),
        "at-least": _("at least … ago"),
        "in-the-next": _("in the next"),
    }
    operator: str = operator(labels)
    quantity: int = declare(_QUANTITY, _("How many"))
    unit: Unit = declare(Choice(UNITS), _("Unit"))

    def window(self, moment: Moment) -> Window:
        if self.operator == "in-the-last":
            return moment.in_the_last(self.quantity, self.unit)
        if self.operator == "at-least":
            return moment.at_least_ago(self.quantity, self.unit)
        return moment.in_the_next(self.quantity, self.unit)

    @property
    def looks_ahead(self) -> bool:
        return self.operator == "in-the-next"

    def span(self) -> str:
        return spans.RELATIVE[self.operator](self.quantity, self.unit)


@filter_class
@dataclass(frozen=True)
class RelativeRange(DateFilter):
    layout: ClassVar[str] = "range"
    labels: ClassVar[Labels] = {"between": _("between … and … ago")}
    operator: str = operator(labels)
    start: int = declare(_QUANTITY, _("From"))
    end: int = declare(_QUANTITY, _("To"))
    unit: Unit = declare(Choice(UNITS), _("Unit"))

    def window(self, moment: Moment) -> Window:
        return moment.between_ago(self.start, self.end, self.unit)

    def span(self) -> str:
        return spans.between_ago(self.start, self.end, self.unit)

    def problems(self) -> Iterator[Problem]:
        if self.start > self.end:
            message = gettext("The first number must not be larger than the second.")
            yield Problem("/start", "invalid", message)


@filter_class
@dataclass(frozen=True)
class AllTime(DateFilter):
    labels: ClassVar[Labels] = {"alltime": _("over all time")}
    spans: ClassVar[Labels] = labels
    operator: str = operator(labels)

    def window(self, moment: Moment) -> Window:
        return moment.until_now()

    def phrase(self) -> str:
        return words.with_notes(gettext("is a date up to now"), self.notes())


@filter_class
@dataclass(frozen=True)
class RelativeAnniversary(DateFilter):
    labels: ClassVar[Labels] = {
        "anniversary-last": _("has its anniversary in the last"),
        "anniversary-next": _("has its anniversary in the next"),
    }
    _ahead: ClassVar[dict[str, str]] = {
        "anniversary-last": "in-the-last",
        "anniversary-next": "in-the-next",
    }
    operator: str = operator(labels)
    quantity: int = declare(_QUANTITY, _("How many"))
    unit: Unit = declare(Choice(UNITS), _("Unit"))

    def holds(self, instants: Instants, moment: Moment) -> Bools:
        return windows.anniversary_within(instants, self._around(moment), moment.zone)

    def _around(self, moment: Moment) -> Window:
        """The window of the anniversary."""
        if self.operator == "anniversary-last":
            return moment.in_the_last(self.quantity, self.unit)
        ahead = moment.in_the_next(self.quantity, self.unit)
        return Window(ahead.start + 1, ahead.end)

    def edges(self, since: Moment, until: Moment) -> Iterator[Edge]:
        return windows.edges_between(self._around(since), self._around(until), yearly=True)

    def span(self) -> str:
        return gettext("on a date that has its anniversary %(span)s") % self.literals()

    def phrase(self) -> str:
        text = gettext("has its anniversary %(span)s") % self.literals()
        return words.with_notes(text, self.notes())

    def literals(self) -> dict[str, str]:
        relative = spans.RELATIVE[self._ahead[self.operator]]
        return {"span": relative(self.quantity, self.unit)}


@filter_class
@dataclass(frozen=True)
class Anniversary(DateFilter):
    labels: ClassVar[Labels] = {
        "anniversary": _("has its anniversary today"),
        "anniversary-month": _("has its anniversary this month"),
    }
    phrases: ClassVar[Labels] = labels
    spans: ClassVar[Labels] = {
        "anniversary": _("on a date that has its anniversary today"),
        "anniversary-month": _("on a date that has its anniversary this month"),
    }
    operator: str = operator(labels)

    def holds(self, instants: Instants, moment: Moment) -> Bools:
        if self.operator == "anniversary":
            return windows.anniversary_on(instants, moment.today, moment.zone)
        return windows.month_is(instants, moment.today.month, moment.zone)

    def edges(self, since: Moment, until: Moment) -> Iterator[Edge]:
        if since.today == until.today:
            return
        if self.operator == "anniversary":
            first, last = since.days_from_today(-1, "day"), until.days_from_today(2, "day")
            yield Edge(Window(first, last), yearly=True)
        elif (since.today.year, since.today.month) != (until.today.year, until.today.month):
            yield Edge(Window(FIRST, LAST))  # 29 February is of a month that has none

    def phrase(self) -> str:
        return words.with_notes(gettext(self.phrases[self.operator]), self.notes())


MONTHS = tuple(
    enumerate(
        (
            *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June")),
            *(_("July"), _("August"), _("September"), _("October"), _("November"), _("December")),
        ),
        start=1,
    )
)


@filter_class
@dataclass(frozen=True)
class CalendarMonth(DateFilter):
    labels: ClassVar[Labels] = {"calendar-month": _("falls in the month")}
    operator: str = operator(labels)
    value: int = declare(Number(least=1, most=12, whole=True), _("Month"))

    def holds(self, instants: Instants, moment: Moment) -> Bools:
        return windows.month_is(instants, self.value, moment.zone)

    def edges(self, since: Moment, until: Moment) -> Iterator[Edge]:
        return iter(())

    def span(self) -> str:
        return gettext(spans.IN_MONTHS[self.value - 1])
