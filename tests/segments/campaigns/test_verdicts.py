"""Verdicts of a comparison, from counts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from predictions.numerics.experiments.amounts import Takings
from predictions.numerics.experiments.proportions import Proportion
from profiles.models import List
from segments.campaigns.comparison import (
    LIMITS,
    Decision,
    Finding,
    LimitCheck,
    compare,
)
from segments.campaigns.measures import GroupCounts, ReportMeasure
from segments.campaigns.wording import (
    finding_words,
    limit_words,
    percent,
    points,
    verdict_text,
)
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db


# --- verdicts, from counts alone -----------------------------------------------------------------


def counts(people: int, amounts: float = 0.0, **rates: int) -> GroupCounts:
    """A group and its people for each measure; all received it unless `delivered` is passed."""
    delivered = rates.pop("delivered", people)
    tallies = {
        measure: Proportion(rates.get(measure.value, 0), delivered) for measure in ReportMeasure
    }
    tallies[ReportMeasure.DELIVERED] = Proportion(delivered, people)
    orders = rates.get("ordered", 0)
    tallies[ReportMeasure.ORDERED] = Proportion(orders, people)
    return GroupCounts(
        List(name="x"), people, tallies, Takings(np.full(orders, amounts or 10.0), people)
    )


USUAL = {"opened": 400, "opened_without_machines": 300}


@pytest.mark.parametrize(
    ("sample", "control", "verdict", "title"),
    [
        ({"ordered": 200}, {"ordered": 100}, Decision.BETTER, "Send it to the rest"),
        ({"ordered": 100}, {"ordered": 200}, Decision.WORSE, "Keep to the control"),
        ({"ordered": 104}, {"ordered": 100}, Decision.WAIT, "Wait: nothing is decided yet"),
        (
            {"ordered": 200, "unsubscribed": 62},
            {"ordered": 100},
            Decision.BETTER_BUT,
            "Better, but look at the limits first",
        ),
        (
            {"ordered": 200, "unsubscribed": 100},
            {"ordered": 100},
            Decision.STOP,
            "Do not send this to the rest",
        ),
        (
            {"ordered": 200, "opened": 20},
            {"ordered": 100},
            Decision.STOP,
            "Do not send this to the rest",
        ),
        (
            {"ordered": 200, "delivered": 0, "opened": 0, "opened_without_machines": 0},
            {"ordered": 100},
            Decision.NOTHING_SENT,
            "Nothing can be said yet",
        ),
    ],
)
def test_the_verdict_says_what_to_do(
    sample: dict[str, int], control: dict[str, int], verdict: Decision, title: str
) -> None:
    comparison = compare(counts(2_000, **(USUAL | sample)), counts(2_000, **(USUAL | control)))
    assert comparison.verdict is verdict
    assert verdict_text(comparison).title == title


def test_few_opens_stop_nothing_while_they_still_come_in() -> None:
    opens = USUAL | {"opened": 20, "ordered": 100}
    sample = replace(counts(2_000, **opens), latest_receipt=AT)
    control = counts(2_000, **(USUAL | {"ordered": 100}))
    early = compare(sample, control, at=AT + timedelta(hours=71))
    assert early.verdict is Decision.WAIT
    assert "may still come" in limit_words(early.limits[0])
    assert compare(sample, control, at=AT + timedelta(hours=72)).verdict is Decision.STOP


def test_limits_looked_at_daily_stop_at_most_5_of_100_sends_that_keep_them() -> None:
    random = np.random.default_rng(1)
    stops, people, sends = 0, 5_000, 2_000
    limits = [limit for limit in LIMITS if not limit.at_least]
    for _send in range(sends):
        total, before, stop = dict.fromkeys(limits, 0), 0.0, False
        for day in range(1, 15):
            share = 1 - 0.6**day
            for limit in limits:
                step = limit.value * (share - before) / (1 - limit.value * before)
                total[limit] += int(random.binomial(people - total[limit], step))
                check = LimitCheck(limit, Proportion(total[limit], people))
                stop |= check.is_certain and not check.passed
            before = share
        stops += stop
    assert stops <= 0.05 * sends


def test_another_goal_may_decide_otherwise() -> None:
    sample = counts(2_000, 10.0, **USUAL, ordered=100, clicked=300)
    control = counts(2_000, 40.0, **USUAL, ordered=100, clicked=100)
    verdicts = {
        goal: compare(sample, control, goal=goal).verdict for goal in ("clicked", "revenue")
    }
    assert verdicts == {"clicked": Decision.BETTER, "revenue": Decision.WORSE}


def test_a_control_that_got_nothing_is_compared_by_its_orders_alone() -> None:
    sample = counts(2_000, **USUAL, ordered=200)
    control = counts(2_000, ordered=100, delivered=0)
    comparison = compare(sample, control)
    words = {row.measure: finding_words(row.difference) for row in comparison.rates}
    assert comparison.verdict is Decision.BETTER
    assert "got no mail" in words[ReportMeasure.OPENED]
    assert words[ReportMeasure.ORDERED].startswith("Higher than the control, by ")


def test_with_several_samples_more_is_needed_to_conclude() -> None:
    pair = counts(2_000, **USUAL, ordered=150), counts(2_000, **USUAL, ordered=100)
    assert compare(*pair).rates[4].difference.finding is Finding.HIGHER
    assert compare(*pair, samples=10).rates[4].difference.finding is Finding.NOT_TOLD


def test_small_rates_are_not_written_as_nothing() -> None:
    assert [percent(rate) for rate in (0, 0.0008, 0.0042, 0.123)] == [
        "0.0%",
        "0.080%",
        "0.42%",
        "12.3%",
    ]
    assert [percent(rate) for rate in (1 / 6, 2 / 3, 0.0055)] == ["16.7%", "66.7%", "0.55%"]
    assert points(-0.02, signed=True) == "−2.0"
    assert points(0.0, signed=True) == "0.0"
