"""A metric's page: activity by period, shares of properties, segments that ask for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from profiles.metrics.activity import metric_activity
from profiles.metrics.property_shares import property_shares
from profiles.models import Metric, Property
from segmenter.accounts.models import Account, User
from segmenter.kernel.periods import Unit
from tests.builders.definitions import Json, once
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn
from tests.live.steps import did, events, people, segment

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def bought(account: Account) -> Metric:
    """Anna bought twice today and once 40 days ago, Bo once yesterday; one is still to come."""
    people(account, AT, {"external_id": "anna"}, {"external_id": "bo"})
    events(
        account,
        AT,
        did("Bought", "anna", AT, value=10),
        did("Bought", "anna", AT - timedelta(hours=1), value=5.5),
        did("Bought", "anna", AT - 40 * DAY),
        did("Bought", "bo", AT - DAY, value=1),
        did("Bought", "bo", AT + DAY, value=100),
    )
    return Metric.objects.get(account=account, name="Bought")


def test_events_people_and_values_are_summed_by_period(account: Account, bought: Metric) -> None:
    days = metric_activity(account, bought, Unit.DAY, AT)
    assert [(one.events, one.people, one.value) for one in days[-3:]] == [
        (0, 0, 0),
        (1, 1, 1),
        (2, 1, 15.5),
    ]
    assert len(days) == 30
    weeks = metric_activity(account, bought, Unit.WEEK, AT)
    months = metric_activity(account, bought, Unit.MONTH, AT)
    assert (len(weeks), len(months)) == (26, 12)
    assert sum(one.events for one in weeks) == sum(one.events for one in months) == 4


def test_first_seen_is_the_time_of_the_first_event(client: Client, bought: Metric) -> None:
    with time_machine.travel(AT, tick=False):
        part = client.get(f"/metrics/{bought.key}/?numbers=&unit=month")
    numbers = part.context["numbers"]
    assert numbers.first == AT - 40 * DAY
    assert (numbers.events, numbers.people, numbers.value) == (5, 2, 116.5)
    assert "<html" not in part.content.decode()


def test_a_metric_without_events_has_a_page(client: Client, account: Account) -> None:
    quiet = Metric.objects.create(account=account, name="Quiet", created=AT)
    assert client.get(f"/metrics/{quiet.key}/").status_code == 200
    assert client.get(f"/metrics/{quiet.key}/?numbers").status_code == 200


def test_segments_that_ask_for_a_metric_are_named(
    client: Client, account: Account, bought: Metric
) -> None:
    segment(account, AT, "Buyers", once("Bought"))
    broken = {"condition_groups": [{"conditions": [{"type": "?", "metric_id": bought.key}]}]}
    new_segment(account, "Broken", definition=broken)
    new_segment(account, "Other", definition={"condition_groups": []})
    page = client.get(f"/metrics/{bought.key}/")
    names = [row.name for _template, card in page.context["cards"] for row in card["segments"]]
    assert names == ["Broken", "Buyers"]
    assert "/segments/new?definition=" in page.content.decode()


def test_viewers_make_no_segment_of_a_metric(viewer: User, sign_in: SignIn, bought: Metric) -> None:
    page = sign_in(viewer).get(f"/metrics/{bought.key}/").content.decode()
    assert "/segments/new?definition=" not in page
    assert "/profiles/?definition=" in page


def test_shares_of_properties_and_of_their_values() -> None:
    rows = [Property(name=name, types=["text"]) for name in ("Colour", "Sizes", "Gone")]
    contents: list[Json] = [
        {"Colour": "red", "Sizes": ["S", "S", "M"]},
        {"Colour": "red"},
        {"Colour": None, "Sizes": []},
        {"Colour": "blue"},
    ]
    colour, sizes, absent = property_shares(rows, contents)
    assert (colour.share, colour.values) == (0.75, (("red", 2 / 3), ("blue", 1 / 3)))
    assert sizes.share == 0.5
    assert set(sizes.values) == {("S", 0.5), ("M", 0.5)}
    assert (absent.share, absent.values) == (0.0, ())
    assert property_shares(rows, [])[0].share == 0.0
