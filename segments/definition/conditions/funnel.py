"""profile-metric-funnel: who did one thing and then another (or then did not), within a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles import facts
from profiles.columns.column import Bools
from profiles.columns.dates import EventTimes
from profiles.columns.instants import FIRST, LAST, to_datetime
from profiles.columns.population import Population
from profiles.facts import FactKey
from segmenter.kernel.errors import Problem
from segments.definition import spans, words
from segments.definition.chains import chain_mask, progress_of
from segments.definition.conditions.metric import (
    METRIC_FILTERS,
    apply_filters,
    filter_edges,
    metric_evidence,
    open_period,
    tests_of,
    timeframe_edges,
    where,
    within_timeframe,
)
from segments.definition.evidence import Chain, Evidence, Link, instant
from segments.definition.fields import (
    COMPLETION_WINDOWS,
    CompletionWindow,
    FilterOf,
    Flag,
    Many,
    MetricKey,
    Nested,
    Structure,
    declare,
)
from segments.definition.needs import MoreEvents, Need, NextStep
from segments.definition.operators import TIMEFRAME, AllTime, DateFilter
from segments.definition.steps import Step
from segments.definition.tree import Condition, Crossing, Names, kind
from segments.definition.windows import Edge, Moment, Window


@dataclass(frozen=True)
class FunnelStep(Structure):
    metric_exists: bool = declare(Flag(), _("Has done"))
    metric_id: str = declare(MetricKey(), _("Metric"))
    metric_filters: Any = declare(METRIC_FILTERS, _("Where"), optional=True, nullable=True)

    def phrase(self, names: Names) -> str:
        """A later step in the active language: "then have done Placed Order"."""
        if self.metric_exists:
            template = gettext("then have done %(metric)s")
        else:
            template = gettext("then have not done %(metric)s")
        return where(
            template % {"metric": words.as_name(names.metric(self.metric_id))},
            self.metric_filters,
        )


@kind
@dataclass(frozen=True)
class ProfileMetricFunnel(Condition):
    type: ClassVar[str] = "profile-metric-funnel"
    title: ClassVar[str] = _("What someone has done (or not done) after another thing")
    icon: ClassVar[str] = "trend"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "timeframe_filter": {
                "type": "date",
                "operator": "in-the-last",
                "quantity": 30,
                "unit": "day",
            },
            "completion_window_seconds": 14 * 86_400,
            "steps": [
                {"metric_exists": True, "metric_id": "Clicked Email"},
                {
                    "metric_exists": False,
                    "metric_id": "Submitted Form",
                    "metric_filters": [
                        {
                            "property": "Form",
                            "filter": {"type": "string", "operator": "equals", "value": "Fair"},
                        }
                    ],
                },
            ],
        },
    )

    timeframe_filter: DateFilter = declare(FilterOf(TIMEFRAME), _("When it began"))
    completion_window_seconds: str | int | Any = declare(
        CompletionWindow(), _("Within"), optional=True, nullable=True
    )
    steps: tuple[FunnelStep, ...] = declare(Many(Nested(FunnelStep), least=1, most=10), _("Steps"))

    @property
    def window_micros(self) -> int | None:
        """The completion window in microseconds; None for no limit."""
        window = self.completion_window_seconds
        if not window:
            return None
        return int(COMPLETION_WINDOWS.get(str(window), window) * 1_000_000)

    def mask(self, people: Population, at: datetime) -> Bools:
        return self._has_chain(self._events(people, at), people, at)

    def _has_chain(self, steps: Sequence[Step], people: Population, at: datetime) -> Bools:
        """bool[n]: who has a chain of these steps, all of the condition's or its first ones."""
        moment = Moment(at, people.zone)
        return chain_mask(steps, n=len(people), window=self.window_micros, now=moment.micros)

    def _events(self, people: Population, at: datetime) -> list[Step]:
        """The events of each step."""
        moment = Moment(at, people.zone)
        later = (FIRST, LAST) if self.timeframe_filter.looks_ahead else moment.until_now()
        steps = []
        for i, step in enumerate(self.steps):
            events = people.events(step.metric_id)
            events = (
                within_timeframe(events, self.timeframe_filter, moment)
                if i == 0
                else events.within(*later)
            )
            events = apply_filters(events, step.metric_filters, moment)
            steps.append(Step(step.metric_exists, events.who, events.when))
        return steps

    def reads(self) -> frozenset[FactKey]:
        return frozenset(facts.metric(step.metric_id) for step in self.steps)

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        first, *later = self.steps
        yield from timeframe_edges(first.metric_id, self.timeframe_filter, since, until)
        for step in later:
            if not self.timeframe_filter.looks_ahead:
                yield from timeframe_edges(
                    step.metric_id, AllTime(operator="alltime"), since, until
                )
        for step in self.steps:
            yield from filter_edges(step.metric_id, step.metric_filters, since, until)
        if later and not later[-1].metric_exists and self.window_micros is not None:
            ended = Window(since.micros - self.window_micros, until.micros - self.window_micros + 1)
            yield Crossing(EventTimes(first.metric_id), Edge(ended))

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        steps = self._events(one, at)
        complete = bool(self._has_chain(steps, one, at)[0])
        reach = progress_of(
            steps, lambda some: bool(self._has_chain(some, one, at)[0]), complete=complete
        )
        links = tuple(
            Link(
                names.metric(step.metric_id),
                step.metric_exists,
                tests_of(step.metric_filters),
                done,
                None if time is None else to_datetime(time, one.zone),
            )
            for step, (done, time) in zip(self.steps, reach, strict=True)
        )
        ends = None
        begin = reach[0][1]
        if begin is not None and self.window_micros is not None:
            ends = instant(begin + self.window_micros, one.zone)
        chain, moment = Chain(links, complete, ends), Moment(at, one.zone)
        first = self.steps[0]
        first_events = metric_evidence(
            one, first.metric_id, self.timeframe_filter, first.metric_filters, moment, names
        )
        return Evidence((chain, first_events), () if complete else self._needs(chain, moment))

    def _needs(self, chain: Chain, moment: Moment) -> tuple[Need, ...]:
        """The missing step, if there is still time for it."""
        missing = next((link for link in chain.links if link.wanted and link.done is False), None)
        if missing is None:
            return ()
        if missing is chain.links[0]:
            opens, until, too_late = open_period(self.timeframe_filter, moment)
            if too_late:
                return (too_late,)
            need = MoreEvents(missing.metric, 1, where=missing.phrase, until=until)
            return (need,) if opens else ()
        if chain.ends is not None and chain.ends <= moment.at:
            return ()
        return (NextStep(missing.metric, where=missing.phrase, until=chain.ends),)

    def sentence(self, names: Names) -> str:
        first, *later = self.steps
        clause = gettext("who have done %(metric)s %(when)s") % {
            "metric": words.as_name(names.metric(first.metric_id)),
            "when": self.timeframe_filter.span(),
        }
        notes = [step.phrase(names) for step in later]
        if later and self.window_micros is not None:
            window = spans.within(self.window_micros // 1_000_000)
            notes.append(gettext("all %(window)s") % {"window": window})
        return words.with_notes(where(clause, first.metric_filters), notes)

    def problems(self) -> Iterator[Problem]:
        if not self.steps[0].metric_exists:
            message = gettext("The first step must be something that was done.")
            yield Problem("/steps/0/metric_exists", "invalid", message)
