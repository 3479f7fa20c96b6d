"""A small shop's test, counted by hand: who counts, when, once; and what is concluded."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from predictions.numerics.experiments.proportions import Proportion
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.lists.editing import add_to_list, create_list
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, NotFound
from segments.campaigns.comparison import (
    Comparison,
    Decision,
    Finding,
)
from segments.campaigns.measures import ReportMeasure, campaigns_of
from segments.campaigns.report import list_by_name, make_report, period_of
from segments.campaigns.wording import (
    limit_words,
)
from segments.models import Sample, SampleGroup
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db

CAMPAIGN = "Spring"
NOW = AT + timedelta(days=3)


def hours(number: float) -> datetime:
    return AT + timedelta(hours=number)


class Shop:
    """A sample and a control of ten people each, drawn at AT; what they do is added by hand."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.events: list[dict[str, Any]] = []
        names = [f"{group}{n}@example.com" for group in "sc" for n in range(10)]
        people = ingest_profiles(account=account, records=[{"email": n} for n in names], at=AT)
        ids = [id_ for id_ in people.profile_ids if id_]
        self.sample, self.control = (
            create_list(account=account, name=name, at=AT) for name in ("Sample", "Control")
        )
        drawing = Sample.objects.create(
            account=account, segment_name="All", number=20, seed=1, created=AT, drawn=AT
        )
        for place, (group, members) in enumerate(
            ((self.sample, ids[:10]), (self.control, ids[10:]))
        ):
            add_to_list(account=account, key=group.key, profile_ids=members, at=AT)
            SampleGroup.objects.create(
                sample=drawing, place=place, name=group.name, list=group, list_name=group.name
            )

    def did(self, who: str, metric: str, at: datetime = hours(1), **more: Any) -> None:
        event = {"Campaign Name": CAMPAIGN, **more.pop("properties", {})}
        self.events.append(
            {
                "metric": metric,
                "time": at.isoformat(),
                "unique_id": str(len(self.events)),
                "profile": {"email": f"{who}@example.com"},
                "properties": event,
                **more,
            }
        )

    def store(self) -> None:
        outcome = ingest_events(account=self.account, records=self.events, at=NOW)
        assert not outcome.rejected


@pytest.fixture
def shop(account: Account) -> Shop:
    """s0 to s7 and c0 to c5 received it, s8 bounced; the rest is in the table below."""
    shop = Shop(account)
    for who in [f"s{n}" for n in range(8)] + [f"c{n}" for n in range(6)]:
        shop.did(who, "Received Email")
    shop.did("s8", "Bounced Email")
    machine, hand = ({"Apple Privacy Open": value} for value in (True, False))
    shop.did("s0", "Opened Email", properties=machine)
    shop.did("s0", "Opened Email", hours(2), properties=machine)
    shop.did("s1", "Opened Email", properties=machine)
    shop.did("s1", "Opened Email", hours(2), properties=hand)
    shop.did("s2", "Opened Email")  # no flag about machines
    shop.did("s3", "Opened Email", properties={"Apple Privacy Open": "true"})
    shop.did("c0", "Opened Email", properties=hand)
    for at in (1, 2, 3):
        shop.did("s1", "Clicked Email", hours(at))
    shop.did("s2", "Clicked Email", hours(0))  # at the very instant of the drawing
    shop.did("s4", "Clicked Email", hours(-1))  # before it
    shop.did("s5", "Clicked Email", NOW)  # at the end, which is not in
    shop.did("s6", "Clicked Email", properties={"Campaign Name": "Summer"})
    shop.did("s7", "Unsubscribed")
    shop.did("s0", "Marked Email as Spam")
    shop.did("s1", "Placed Order", value=100.0)
    shop.did("s1", "Placed Order", hours(9), value=50.0, properties={"Campaign Name": "Other"})
    shop.did("s9", "Placed Order", value=30.0, properties={"Campaign Name": None})
    shop.did("s2", "Placed Order", hours(-1), value=999.0)
    shop.did("c1", "Placed Order", value=20.0)
    shop.did("c2", "Placed Order")
    shop.store()
    return shop


def compared(shop: Shop, **more: Any) -> Comparison:
    report = make_report(
        account=shop.account,
        samples=[shop.sample],
        control=shop.control,
        campaign=CAMPAIGN,
        at=NOW,
        **more,
    )
    return report.comparisons[0]


def test_each_number_is_what_a_hand_counts(shop: Shop) -> None:
    comparison = compared(shop)
    rows = {row.measure: (row.sample, row.control) for row in comparison.rates}
    assert rows == {
        ReportMeasure.DELIVERED: (Proportion(8, 10), Proportion(6, 10)),
        ReportMeasure.OPENED: (Proportion(4, 8), Proportion(1, 6)),
        ReportMeasure.OPENED_WITHOUT_MACHINES: (Proportion(2, 8), Proportion(1, 6)),
        ReportMeasure.CLICKED: (Proportion(2, 8), Proportion(0, 6)),
        ReportMeasure.ORDERED: (Proportion(2, 10), Proportion(2, 10)),
        ReportMeasure.UNSUBSCRIBED: (Proportion(1, 8), Proportion(0, 6)),
        ReportMeasure.COMPLAINED: (Proportion(1, 8), Proportion(0, 6)),
        ReportMeasure.BOUNCED: (Proportion(1, 9), Proportion(0, 6)),
    }
    revenue = comparison.revenue
    assert (revenue.sample_total, revenue.control_total) == (180.0, 20.0)
    assert (revenue.sample, revenue.control) == (18.0, 2.0)
    assert revenue.difference.value == 16.0
    assert {row.difference.finding for row in comparison.rates} == {Finding.TOO_FEW}
    assert comparison.verdict is Decision.WAIT
    assert (comparison.sample.people, comparison.control.people, comparison.on_both) == (10, 10, 0)


def test_limits_are_green_or_red_with_their_counts(shop: Shop) -> None:
    checks = compared(shop).limits
    assert [(c.limit.measure, c.passed, c.is_certain) for c in checks] == [
        (ReportMeasure.OPENED, True, False),
        (ReportMeasure.UNSUBSCRIBED, False, False),
        (ReportMeasure.COMPLAINED, False, False),
    ]
    assert limit_words(checks[1]) == (
        "12.5% (1 of 8); it should be under 3.0%. Too few people to be sure."
    )


def test_whoever_is_on_both_lists_is_counted_in_neither(shop: Shop) -> None:
    both = Profile.objects.get(email="s1@example.com")
    add_to_list(account=shop.account, key=shop.control.key, profile_ids=[both.pk], at=AT)
    comparison = compared(shop)
    assert (comparison.sample.people, comparison.control.people, comparison.on_both) == (9, 10, 1)
    assert comparison.sample.tallies[ReportMeasure.CLICKED] == Proportion(1, 7)
    assert comparison.revenue.sample_total == 30.0


def test_of_two_drawings_the_later_one_begins_the_time_that_counts(shop: Shop) -> None:
    Sample.objects.update(drawn=hours(-5))
    later = Sample.objects.create(
        account=shop.account, segment_name="All", number=1, seed=1, created=AT, drawn=hours(2)
    )
    SampleGroup.objects.filter(list=shop.control).update(sample=later)
    comparison = compared(shop)
    assert comparison.sample.tallies[ReportMeasure.CLICKED].count == 1  # s1, at 2 and 3
    assert comparison.revenue.sample_total == 50.0


def test_on_a_list_that_is_no_sample_each_counts_from_when_they_joined(shop: Shop) -> None:
    SampleGroup.objects.all().delete()
    assert compared(shop).sample.tallies[ReportMeasure.CLICKED] == Proportion(2, 8)
    shop.sample.members.update(joined=hours(-2))
    assert compared(shop).sample.tallies[ReportMeasure.CLICKED] == Proportion(3, 8)


def test_opens_without_a_receipt_make_no_rate_over_all(shop: Shop) -> None:
    shop.events.clear()
    for n in range(10):
        shop.did(f"c{n}", "Opened Email", hours(5), unique_id=f"late {n}")
    shop.store()
    row = {row.measure: row for row in compared(shop).rates}
    assert row[ReportMeasure.OPENED].control == Proportion(10, 10)
    assert row[ReportMeasure.DELIVERED].control == Proportion(6, 10)


def test_the_campaigns_to_choose_from_are_those_they_received(shop: Shop) -> None:
    groups = [shop.sample, shop.control]
    assert campaigns_of(shop.account, groups, period_of(groups, NOW)) == [(CAMPAIGN, 14)]
    assert campaigns_of(shop.account, groups, period_of(groups, hours(1))) == []


def test_what_cannot_be_compared_is_refused(shop: Shop, other_account: Account) -> None:
    with pytest.raises(Invalid, match="own control"):
        make_report(
            account=shop.account,
            samples=[shop.control],
            control=shop.control,
            campaign=CAMPAIGN,
            at=NOW,
        )
    with pytest.raises(Invalid, match="campaign"):
        make_report(
            account=shop.account, samples=[shop.sample], control=shop.control, campaign=" ", at=NOW
        )
    for name in ("Sampel", "\0", shop.sample.key + "x"):
        with pytest.raises(NotFound):
            list_by_name(shop.account, name)
    with pytest.raises(NotFound):
        list_by_name(other_account, "Sample")
    assert list_by_name(shop.account, " Sample ") == shop.sample
    assert list_by_name(shop.account, shop.sample.key) == shop.sample


# --- the command ---------------------------------------------------------------------------------


def run(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("test_report", "--account", "shop", *arguments, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue().strip().splitlines()[-1])
    return answer


def test_the_command_prints_one_object_last(shop: Shop) -> None:
    answer = run("--sample", "Sample", "--control", "Control", "--campaign", CAMPAIGN)
    assert (answer["since"], answer["until"]) == (AT.isoformat(), NOW.isoformat())
    assert answer["people"] == {"sample": 10, "control": 10, "on_both": 0}
    open_rate = answer["measures"]["opened"]
    assert open_rate["sample"] == {
        "count": 4,
        "of": 8,
        "rate": 0.5,
        "low": pytest.approx(0.2152, abs=1e-4),
        "high": pytest.approx(0.7848, abs=1e-4),
    }
    assert open_rate["difference"] == pytest.approx(1 / 3)
    assert (open_rate["finding"], open_rate["words"]) == ("too_few", "Too few people to tell.")
    assert answer["revenue"]["sample"]["total"] == 180.0
    assert answer["limits"]["complained"]["passed"] is False
    assert (answer["goal"], answer["verdict"]) == ("ordered", "wait")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--sample", "None", "--control", "Control", "--campaign", "x"), "not found"),
        (("--sample", "Sample", "--control", "Sample", "--campaign", "x"), "own control"),
        (("--sample", "Sample", "--control", "Control", "--campaign", ""), "campaign"),
        (("--sample", "Sample", "--control", "Control"), "required"),
    ],
)
def test_the_command_refuses_with_the_reason(
    shop: Shop, arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)
