"""A test report: which lists, which campaign, since when; and the same as programs read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from predictions.numerics.experiments.proportions import Interval, Proportion, wilson
from profiles.models import List
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, NotFound, Problem
from segments.campaigns import measures
from segments.campaigns.comparison import GOALS, Comparison, Contrast, RevenueRow, compare
from segments.campaigns.measures import GroupCounts, ReportPeriod
from segments.campaigns.wording import finding_words, limit_words, verdict_text

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Of lists that are no samples: what counts is when each person was put on them."""
MOST_SAMPLES = 10


@dataclass(frozen=True)
class TestReport:
    """Samples, each against the control, in one campaign and one period."""

    __test__ = False  # not for pytest

    campaign: str
    period: ReportPeriod
    comparisons: tuple[Comparison, ...]


def list_by_name(account: Account, name: str) -> List:
    """Return the list of a name, or of a key if none has the name. Raises NotFound."""
    lists = List.objects.filter(account=account)
    text = name.strip()
    if "\0" in text:
        raise NotFound(f"The list {name!r}")
    group = lists.filter(name=text).first() or lists.filter(key=text).first()
    if group is None:
        raise NotFound(f"The list {name!r}")
    return group


def period_of(groups: list[List], at: datetime) -> ReportPeriod:
    """Return the time that counts: from when the latest of the samples was drawn, up to now."""
    return ReportPeriod(measures.latest_drawing(groups) or BEGINNING, at)


def check_choice(samples: Sequence[List], control: List, campaign: str, goal: str) -> None:
    """Raise Invalid for what cannot be compared."""
    if not campaign.strip():
        raise Invalid(Problem("/campaign", "required", _("Choose a campaign.")))
    if goal not in GOALS:
        raise Invalid(Problem("/goal", "invalid", _("Nothing can be decided by that.")))
    if not 1 <= len(samples) <= MOST_SAMPLES:
        message = _("Choose 1 to %(most)d samples.") % {"most": MOST_SAMPLES}
        raise Invalid(Problem("/sample", "required", message))
    if control in samples:
        message = _("A sample cannot be its own control.")
        raise Invalid(Problem("/control", "invalid", message))


def make_report(
    *,
    account: Account,
    samples: Sequence[List],
    control: List,
    campaign: str,
    at: datetime,
    goal: str = GOALS[0],
    progress: Callable[[], None] = lambda: None,
) -> TestReport:
    """Compare samples with their control. Raises Invalid for what cannot be compared.

    `progress` is called for each count of a list that is done: two for each sample.
    """
    check_choice(samples, control, campaign, goal)
    period = period_of([*samples, control], at)
    name = campaign.replace("\0", "").strip()

    def count(group: List, other: List) -> GroupCounts:
        counts = measures.count_group(account, group, [other], name, period)
        progress()
        return counts

    return TestReport(
        name,
        period,
        tuple(
            compare(
                count(sample, control),
                count(control, sample),
                on_both=measures.people_on_both(sample, control),
                goal=goal,
                samples=len(samples),
                at=at,
            )
            for sample in samples
        ),
    )


# --- for programs --------------------------------------------------------------------------------


def comparison_facts(report: TestReport, comparison: Comparison) -> dict[str, Any]:
    """Return one comparison as programs read it (docs/samples.md)."""
    text = verdict_text(comparison)
    since = report.period.since
    return {
        "campaign": report.campaign,
        "sample": comparison.sample.group.name,
        "control": comparison.control.group.name,
        "since": None if since == BEGINNING else since.isoformat(),
        "until": report.period.until.isoformat(),
        "people": {
            "sample": comparison.sample.people,
            "control": comparison.control.people,
            "on_both": comparison.on_both,
        },
        "measures": {
            row.measure.value: {
                "sample": _rate_facts(row.sample),
                "control": _rate_facts(row.control),
                **_difference_facts(row.difference),
            }
            for row in comparison.rates
        },
        "revenue": _revenue_facts(comparison.revenue),
        "limits": {
            check.limit.measure.value: {
                "limit": check.limit.value,
                "rule": "at_least" if check.limit.at_least else "below",
                "count": check.tally.count,
                "of": check.tally.of,
                "rate": check.tally.rate,
                "passed": check.passed,
                "certain": check.is_certain,
                "early": check.is_early,
                "words": limit_words(check),
            }
            for check in comparison.limits
        },
        "goal": comparison.goal,
        "verdict": comparison.verdict.value,
        "words": f"{text.title}. {text.text}",
    }


def _rate_facts(tally: Proportion) -> dict[str, Any]:
    interval = wilson(tally) if tally.of else None
    return {"count": tally.count, "of": tally.of, "rate": tally.rate, **_ends(interval)}


def _revenue_facts(row: RevenueRow) -> dict[str, Any]:
    return {
        "sample": {
            "total": row.sample_total,
            "per_person": row.sample,
            **_ends(None if row.sample is None else row.sample_interval),
        },
        "control": {
            "total": row.control_total,
            "per_person": row.control,
            **_ends(None if row.control is None else row.control_interval),
        },
        **_difference_facts(row.difference, is_money=True),
    }


def _difference_facts(difference: Contrast, *, is_money: bool = False) -> dict[str, Any]:
    valid = difference.valid
    return {
        "difference": difference.value,
        **_ends(difference.interval),
        "valid_low": valid.low if valid else None,
        "valid_high": valid.high if valid else None,
        "finding": difference.finding.value,
        "words": finding_words(difference, is_money=is_money),
    }


def _ends(interval: Interval | None) -> dict[str, float | None]:
    return {
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }
