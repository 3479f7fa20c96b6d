"""Openings by machines: of those that a condition counts, and not of a few."""

from __future__ import annotations

import pytest

from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events
from segmenter.accounts.models import Account
from tests.builders.definitions import Json, both, once, text
from tests.fixtures.cast import AT
from tests.segments.lint.shop import advice, shop_of_rules

__all__ = ["shop_of_rules"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(shop_of_rules: Account) -> Account:
    return shop_of_rules


def test_only_the_openings_that_a_condition_counts_are_shared_out(account: Account) -> None:
    """Of person n, opening i was i + 1 days ago; the second one was by a machine."""
    summer = {"property": "Campaign Name", "filter": text("equals", "Summer")}
    elsewhere = both(once("Opened Email", metric_filters=[summer]))
    assert "machine-opens" not in advice(account, elsewhere)
    spring = {"property": "Campaign Name", "filter": text("equals", "Spring")}
    each = advice(account, both(once("Opened Email", metric_filters=[spring])))["machine-opens"]
    assert each.sentence.startswith("33 % of these openings")
    autumn = {"property": "Campaign Name", "filter": text("equals", "Autumn")}
    _open(account, [{"Campaign Name": "Autumn", "Apple Privacy Open": n < 2} for n in range(2)])
    each = advice(account, both(once("Opened Email", metric_filters=[autumn])))["machine-opens"]
    assert each.sentence.startswith("100 % of these openings")


def test_of_less_than_one_in_a_hundred_openings_nothing_is_said(account: Account) -> None:
    winter = {"property": "Campaign Name", "filter": text("equals", "Winter")}
    definition = both(once("Opened Email", metric_filters=[winter]))
    _open(account, [{"Campaign Name": "Winter", "Apple Privacy Open": n == 0} for n in range(101)])
    assert "machine-opens" not in advice(account, definition)
    _open(account, [{"Campaign Name": "Winter", "Apple Privacy Open": True}])
    each = advice(account, definition)["machine-opens"]
    assert each.sentence.startswith("2 % of these openings")


def _open(account: Account, openings: list[Json]) -> None:
    records = [
        {
            "metric": "Opened Email",
            "time": AT.isoformat(),
            "unique_id": f"{opening['Campaign Name']}-{len(openings)}-{n}",
            "properties": opening,
            "profile": {"external_id": f"p{n}"},
        }
        for n, opening in enumerate(openings)
    ]
    ingest_events(account=account, records=records, at=AT, times=FILE_TIMES)
