"""A comparison in words: what each measure is, what can be said of it, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from predictions.numerics.experiments.power import smallest_rise
from predictions.pages.wording import number
from segments.campaigns.comparison import (
    Comparison,
    Contrast,
    Decision,
    Finding,
    LimitCheck,
)
from segments.campaigns.measures import REVENUE, ReportMeasure

LABELS = {
    ReportMeasure.DELIVERED.value: gettext_lazy("Delivered"),
    ReportMeasure.OPENED.value: gettext_lazy("Opened"),
    ReportMeasure.OPENED_WITHOUT_MACHINES.value: gettext_lazy("Opened, without machines"),
    ReportMeasure.CLICKED.value: gettext_lazy("Clicked"),
    ReportMeasure.ORDERED.value: gettext_lazy("Ordered"),
    ReportMeasure.UNSUBSCRIBED.value: gettext_lazy("Unsubscribed"),
    ReportMeasure.COMPLAINED.value: gettext_lazy("Marked as spam"),
    ReportMeasure.BOUNCED.value: gettext_lazy("Bounced"),
    REVENUE: gettext_lazy("Revenue a person"),
}
NOTES = {
    ReportMeasure.DELIVERED.value: gettext_lazy("of everyone in the group"),
    ReportMeasure.OPENED.value: gettext_lazy("of those who received it"),
    ReportMeasure.OPENED_WITHOUT_MACHINES.value: gettext_lazy(
        "of those who received it; Apple’s privacy opens are left out"
    ),
    ReportMeasure.CLICKED.value: gettext_lazy("of those who received it"),
    ReportMeasure.ORDERED.value: gettext_lazy("of everyone in the group, whatever led to it"),
    ReportMeasure.UNSUBSCRIBED.value: gettext_lazy("of those who received it"),
    ReportMeasure.COMPLAINED.value: gettext_lazy("of those who received it"),
    ReportMeasure.BOUNCED.value: gettext_lazy("of those to whom it was sent"),
    REVENUE: gettext_lazy("of everyone in the group; refunds are not taken off"),
}


def percent(rate: float) -> str:
    """A rate as a percentage: with so many digits that a small one is not 0."""
    return f"{points(rate)}%"


def points(rate: float, *, signed: bool = False) -> str:
    """A rate or a difference of rates in percentage points, without the unit."""
    digits = 3 if 0 < abs(rate) < 0.001 else 2 if 0 < abs(rate) < 0.01 else 1
    return _signed(100 * rate, digits) if signed else number(100 * rate, digits)


def amount(value: float, *, signed: bool = False) -> str:
    """An amount of money, to two places."""
    return _signed(value, 2) if signed else number(value, 2)


def _signed(value: float, digits: int) -> str:
    text = number(abs(value), digits)
    if not any(digit in text for digit in "123456789"):
        return text
    return ("+" if value > 0 else "−") + text


def finding_words(difference: Contrast, *, is_money: bool = False) -> str:
    """Say what is known of a difference, however often somebody looks."""
    write = amount if is_money else points
    if difference.finding is Finding.NOTHING_SENT:
        return _("Nothing to compare: one of the groups got no mail.")
    if difference.finding is Finding.TOO_FEW or difference.valid is None:
        return _("Too few people to tell.")
    low, high = difference.valid
    if difference.finding is Finding.NOT_TOLD:
        ends = {"low": write(low, signed=True), "high": write(high, signed=True)}
        words = (
            _("No difference can be told yet: between %(low)s and %(high)s.")
            if is_money
            else _("No difference can be told yet: between %(low)s and %(high)s points.")
        )
        return words % ends
    near, far = sorted((abs(low), abs(high)))
    ends = {"low": write(near), "high": write(far)}
    if difference.finding is Finding.HIGHER:
        words = (
            _("Higher than the control, by %(low)s to %(high)s.")
            if is_money
            else _("Higher than the control, by %(low)s to %(high)s points.")
        )
        return words % ends
    words = (
        _("Lower than the control, by %(low)s to %(high)s.")
        if is_money
        else _("Lower than the control, by %(low)s to %(high)s points.")
    )
    return words % ends


def limit_words(check: LimitCheck) -> str:
    """Say whether a limit is kept, with the counts."""
    limit = percent(check.limit.value)
    if check.passed is None:
        return _("Nobody received it yet.")
    counts = {
        "rate": percent(check.tally.rate or 0),
        "count": number(check.tally.count, 0),
        "of": number(check.tally.of, 0),
        "limit": limit,
    }
    if check.limit.at_least:
        words = _("%(rate)s (%(count)s of %(of)s); it should be at least %(limit)s.") % counts
    else:
        words = _("%(rate)s (%(count)s of %(of)s); it should be under %(limit)s.") % counts
    if check.is_early and not check.passed:
        early = _("It may still come: less than 3 days have passed since the send.")
        return f"{words} {early}"
    uncertain = _("Too few people to be sure.")
    return words if check.is_certain else f"{words} {uncertain}"


@dataclass(frozen=True)
class VerdictText:
    """What to do, and why."""

    level: str
    """Colour: good, warn, bad or info."""
    title: str
    text: str


def verdict_text(comparison: Comparison) -> VerdictText:
    """Say what to do about a sample."""
    goal = str(LABELS[comparison.goal]).lower()
    finding = finding_words(comparison.goal_difference, is_money=comparison.goal == REVENUE)
    broken = ", ".join(
        str(LABELS[check.limit.measure]).lower()
        for check in comparison.limits
        if check.passed is False
    )
    match comparison.verdict:
        case Decision.NOTHING_SENT:
            return VerdictText(
                "info",
                _("Nothing can be said yet"),
                _("Nobody in the sample has received this campaign since the sample was drawn."),
            )
        case Decision.STOP:
            text = _("Out of limits for certain: %(limits)s. Change the mail or the people first.")
            return VerdictText("bad", _("Do not send this to the rest"), text % {"limits": broken})
        case Decision.BETTER:
            return VerdictText(
                "good",
                _("Send it to the rest"),
                _("By what decides (%(goal)s): %(finding)s") % {"goal": goal, "finding": finding},
            )
        case Decision.BETTER_BUT:
            text = _("By what decides (%(goal)s): %(finding)s But out of limits: %(limits)s.")
            names = {"goal": goal, "finding": finding, "limits": broken}
            return VerdictText("warn", _("Better, but look at the limits first"), text % names)
        case Decision.WORSE:
            return VerdictText(
                "bad",
                _("Keep to the control"),
                _("By what decides (%(goal)s): %(finding)s") % {"goal": goal, "finding": finding},
            )
        case Decision.WAIT:
            return VerdictText(
                "info", _("Wait: nothing is decided yet"), _wait(comparison, finding)
            )


def _wait(comparison: Comparison, finding: str) -> str:
    goal = str(LABELS[comparison.goal]).lower()
    words = _("By what decides (%(goal)s): %(finding)s") % {"goal": goal, "finding": finding}
    row = next((row for row in comparison.rates if row.measure == comparison.goal), None)
    people = min(comparison.sample.people, comparison.control.people)
    if row is None or not row.control.count or row.control.rate is None or not people:
        return words
    rise = smallest_rise(row.control.rate, people)
    if rise is None:
        return words
    power = _("So many people can tell the control’s %(rate)s from %(rise)s or more.")
    return f"{words} {power % {'rate': percent(row.control.rate), 'rise': percent(rise)}}"
