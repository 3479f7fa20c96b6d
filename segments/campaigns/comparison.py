"""A sample against its control: differences with their intervals, limits, and the verdict. Pure.

Intervals of 95 % say how exact a number is now. What is concluded comes from the intervals for many
looks, so that looking daily finds no more than 5 % of differences that are not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from predictions.numerics.experiments.amounts import (
    bootstrap_difference,
    bootstrap_mean,
    valid_mean_difference,
)
from predictions.numerics.experiments.many_looks import (
    time_of,
    valid_difference,
    valid_rate,
)
from predictions.numerics.experiments.proportions import Interval, Proportion, newcombe, wilson
from segments.campaigns.measures import REVENUE, GroupCounts, ReportMeasure

ALPHA = 0.05
SETTLED = timedelta(days=3)
"""So long after the last mail was delivered, few more people open it."""
SEED = 1
"""Of the bootstrap."""
GOALS = (
    ReportMeasure.ORDERED.value,
    REVENUE,
    ReportMeasure.CLICKED.value,
    ReportMeasure.OPENED.value,
)
"""What may decide."""


class Finding(StrEnum):
    """What can be said of a difference, however often somebody looks."""

    HIGHER = "higher"
    LOWER = "lower"
    NOT_TOLD = "not_told"
    TOO_FEW = "too_few"
    NOTHING_SENT = "nothing_sent"
    """One of the two groups got nothing that could be opened, clicked or reported."""


@dataclass(frozen=True)
class Contrast:
    """The sample's number minus the control's; None where there is nothing to subtract."""

    value: float | None
    interval: Interval | None
    """Of 95 % for one look."""
    valid: Interval | None
    """For all looks together."""
    finding: Finding


@dataclass(frozen=True)
class RateRow:
    """One measure of both groups."""

    measure: ReportMeasure
    sample: Proportion
    control: Proportion
    difference: Contrast

    @property
    def sample_interval(self) -> Interval:
        return wilson(self.sample)

    @property
    def control_interval(self) -> Interval:
        return wilson(self.control)


@dataclass(frozen=True)
class RevenueRow:
    """Revenue a person of both groups, in the shop's currency."""

    sample: float | None
    control: float | None
    sample_total: float
    control_total: float
    sample_interval: Interval
    control_interval: Interval
    difference: Contrast


@dataclass(frozen=True)
class Limit:
    """A rate that a send must keep: at least, or below, a value."""

    measure: ReportMeasure
    value: float
    at_least: bool


LIMITS = (
    Limit(ReportMeasure.OPENED, 0.10, at_least=True),
    Limit(ReportMeasure.UNSUBSCRIBED, 0.03, at_least=False),
    Limit(ReportMeasure.COMPLAINED, 0.0008, at_least=False),
)


@dataclass(frozen=True)
class LimitCheck:
    """Whether a sample keeps a limit."""

    limit: Limit
    tally: Proportion
    is_early: bool = False
    """Whether a rate that grows over days may still come up to the limit."""

    @property
    def passed(self) -> bool | None:
        """None where nothing was sent."""
        rate = self.tally.rate
        if rate is None:
            return None
        return rate >= self.limit.value if self.limit.at_least else rate < self.limit.value

    @property
    def is_certain(self) -> bool:
        """Whether more looks and more days will not change that."""
        return not self.is_early and not valid_rate(self.tally).holds(self.limit.value)


class Decision(StrEnum):
    """What to do."""

    NOTHING_SENT = "nothing_sent"
    STOP = "stop"
    """A limit is broken for certain."""
    BETTER = "better"
    BETTER_BUT = "better_but"
    """Better by the goal, but a limit is broken, perhaps by chance."""
    WORSE = "worse"
    WAIT = "wait"


@dataclass(frozen=True)
class Comparison:
    """A sample against its control."""

    sample: GroupCounts
    control: GroupCounts
    on_both: int
    """People on both lists, who are counted in neither."""
    rates: tuple[RateRow, ...]
    revenue: RevenueRow
    limits: tuple[LimitCheck, ...]
    goal: str
    verdict: Decision

    @property
    def goal_difference(self) -> Contrast:
        return _goal(self.rates, self.revenue, self.goal)


def compare(
    sample: GroupCounts,
    control: GroupCounts,
    *,
    on_both: int = 0,
    goal: str = ReportMeasure.ORDERED.value,
    samples: int = 1,
    at: datetime | None = None,
) -> Comparison:
    """Compare a sample with its control, as things are at an instant (None: long after the send).

    `samples` are compared with one control; what is concluded of each then has a share of ALPHA
    (Bonferroni), so that all of them together raise no more false alarms.
    """
    confidence = 1 - ALPHA / samples
    rates = tuple(
        RateRow(
            measure,
            sample.tallies[measure],
            control.tallies[measure],
            _rates_differ(sample.tallies[measure], control.tallies[measure], confidence),
        )
        for measure in ReportMeasure
    )
    revenue = _revenue(sample, control, confidence)
    limits = tuple(
        LimitCheck(limit, sample.tallies[limit.measure], _is_early(limit, sample, at))
        for limit in LIMITS
    )
    finding = _goal(rates, revenue, goal).finding
    was_sent = bool(sample.tallies[ReportMeasure.DELIVERED].count)
    verdict = _verdict(limits, finding, was_sent=was_sent)
    return Comparison(sample, control, on_both, rates, revenue, limits, goal, verdict)


def _goal(rates: tuple[RateRow, ...], revenue: RevenueRow, goal: str) -> Contrast:
    if goal == REVENUE:
        return revenue.difference
    return next(row.difference for row in rates if row.measure == goal)


def _is_early(limit: Limit, sample: GroupCounts, at: datetime | None) -> bool:
    if not limit.at_least or at is None or sample.latest_receipt is None:
        return False
    return at - sample.latest_receipt < SETTLED


def _rates_differ(one: Proportion, other: Proportion, confidence: float) -> Contrast:
    if one.rate is None or other.rate is None:
        return Contrast(None, None, None, Finding.NOTHING_SENT)
    valid = valid_difference(one, other, confidence=confidence)
    finding = Finding.TOO_FEW if not time_of(one, other) else _finding(valid)
    return Contrast(one.rate - other.rate, newcombe(one, other), valid, finding)


def _revenue(sample: GroupCounts, control: GroupCounts, confidence: float) -> RevenueRow:
    one, other = sample.takings, control.takings
    valid = valid_mean_difference(one, other, confidence=confidence)
    if one.mean is None or other.mean is None:
        difference = Contrast(None, None, None, Finding.TOO_FEW)
    else:
        endless = valid.high - valid.low == float("inf")
        difference = Contrast(
            one.mean - other.mean,
            bootstrap_difference(one, other, seed=SEED),
            None if endless else valid,
            Finding.TOO_FEW if endless else _finding(valid),
        )
    return RevenueRow(
        one.mean,
        other.mean,
        float(one.amounts.sum()),
        float(other.amounts.sum()),
        bootstrap_mean(one, seed=SEED),
        bootstrap_mean(other, seed=SEED),
        difference,
    )


def _finding(valid: Interval) -> Finding:
    if valid.low > 0:
        return Finding.HIGHER
    return Finding.LOWER if valid.high < 0 else Finding.NOT_TOLD


def _verdict(limits: tuple[LimitCheck, ...], finding: Finding, *, was_sent: bool) -> Decision:
    if not was_sent:
        return Decision.NOTHING_SENT
    broken = [check for check in limits if check.passed is False]
    if any(check.is_certain for check in broken):
        return Decision.STOP
    if finding is Finding.HIGHER:
        return Decision.BETTER_BUT if broken else Decision.BETTER
    return Decision.WORSE if finding is Finding.LOWER else Decision.WAIT
