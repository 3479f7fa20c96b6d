"""All time is offered for a timeframe only where that is the same."""

from __future__ import annotations

import pytest

from segmenter.accounts.models import Account
from tests.builders.definitions import Json, both, last, once, when
from tests.segments.lint.shop import advice, shop_of_rules

__all__ = ["shop_of_rules"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(shop_of_rules: Account) -> Account:
    return shop_of_rules


def fixed(start: str, end: str) -> Json:
    return {"type": "date", "operator": "between-static", "start": start, "end": end}


@pytest.mark.parametrize(
    "timeframe",
    [
        fixed("2020-01-01", "2020-12-31"),
        fixed("2020-01-01", "2026-02-01"),
        fixed("2020-01-01", "2030-12-31"),
        {"type": "date", "operator": "before", "date": "2021-01-01"},
        when("at-least", 90),
        when("between", 10, 400),
    ],
)
def test_a_window_that_ends_is_not_made_all_time(account: Account, timeframe: Json) -> None:
    each = advice(account, both(once("Placed Order", timeframe)))["beyond-history"]
    assert each.fix is None


def test_all_time_is_offered_only_where_it_is_the_same_for_every_metric(account: Account) -> None:
    """Orders began 60 days ago, openings 3 days ago."""
    names = ("Placed Order", "Opened Email")
    steps = [{"metric_exists": True, "metric": name} for name in names]
    for days, is_same in ((30, False), (90, True)):
        funnel = {
            "type": "profile-metric-funnel",
            "timeframe_filter": last(days),
            "steps": steps,
        }
        each = advice(account, both(funnel))["beyond-history"]
        assert (each.fix is not None) == is_same, days
