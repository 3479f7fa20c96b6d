"""Predictions of a shop: fitted, tested, stored, and followed by segments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from predictions.models import Choices, Day, Prediction, Run, RunStatus, Upkeep
from predictions.storage.queries import Lack, state_of
from predictions.storage.refresh import ask, refresh
from profiles.columns.gather import all_of
from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Cause, Metric, Profile, ProfileChange
from segmenter.accounts.models import Account, create_account
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.engine.live import follow
from segments.models import Build, Membership, MembershipChange, Segment
from tests.predictions.shops import log, shop_drawn
from tests.predictions.small_shop import of, small
from tests.predictions.stores import AT, load, shop

__all__ = ["small"]

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def facts_changed(account: Account, *, after: int = 0) -> dict[int, set[str]]:
    """Person to the facts of their changes after an id."""
    changes = ProfileChange.objects.filter(account=account, cause=Cause.PREDICTION, pk__gt=after)
    return {change.profile_id: set(change.facts) for change in changes}


def happened(account: Account, person: str, metric: str, time: datetime, value: float) -> None:
    event = {
        "metric": metric,
        "time": time,
        "value": value,
        "unique_id": f"{metric} {time}",
        "profile": {"external_id": person},
    }
    done = ingest_events(account=account, records=[event], at=AT, times=FILE_TIMES)
    assert not done.rejected


def test_a_shop_with_enough_orders_is_predicted() -> None:
    account = shop()
    day = refresh(account, AT)
    assert day is not None
    run = Run.objects.get(account=account)
    assert run.status == RunStatus.PUBLISHED
    assert day.run == run
    assert day.customers == run.customers == Prediction.objects.exclude(historic_clv=None).count()
    customers: Any = Prediction.objects.filter(account=account).exclude(historic_clv=None)
    for one in customers:
        assert one.total_clv == pytest.approx(one.historic_clv + one.predicted_clv, abs=0.011)
        assert 0 <= one.order_probability <= 1
        assert one.churn_probability == pytest.approx(1 - one.order_probability, abs=2e-4)
        assert one.churn_30 >= one.churn_90 >= one.churn_180 >= one.churn_probability
        assert day.day < one.next_order_from <= one.next_order <= one.next_order_to
        assert one.rfm_group
    assert sum(day.groups.values()) == sum(day.cells.values()) == day.customers
    assert sum(day.churn.values()) == day.customers
    assert day.forecast is not None
    assert len(day.forecast["months"]) == 12
    state = state_of(account)
    assert state.lack is None
    assert state.lack_of("predicted_clv") is None


def test_the_same_day_again_writes_nothing() -> None:
    account = shop()
    refresh(account, AT)
    before = ProfileChange.objects.count()
    rows = list(Prediction.objects.order_by("profile_id").values())
    refresh(account, AT + timedelta(hours=5))
    assert ProfileChange.objects.count() == before
    assert list(Prediction.objects.order_by("profile_id").values()) == rows
    assert Run.objects.count() == Day.objects.count() == 1


def test_models_are_fitted_once_a_week_and_when_asked() -> None:
    account = shop()
    for day, runs in ((0, 1), (1, 1), (6, 1), (7, 2), (8, 2)):
        refresh(account, AT + day * DAY)
        assert Run.objects.count() == runs, day
    ask(account, AT + 8 * DAY)
    refresh(account, AT + 8 * DAY)
    assert Run.objects.count() == 3
    assert Upkeep.objects.get(account=account).asked is None
    refresh(account, AT + 8 * DAY)
    assert Run.objects.count() == 3


def test_below_the_gate_there_is_history_and_gender_alone(small: Account) -> None:
    day = refresh(small, AT)
    assert day is not None
    assert day.run is None
    assert day.forecast is None
    assert not Run.objects.exists()
    anna = of(small, "c0")
    assert (anna.historic_clv, anna.historic_number_of_orders) == (40, 2)
    assert (anna.average_order_value, anna.average_days_between_orders) == (20, 10)
    assert anna.predicted_gender == "likely_female"
    assert of(small, "c1").average_days_between_orders is None
    for name in (
        *("predicted_clv", "total_clv", "predicted_number_of_orders", "rfm_group", "next_order"),
        *("churn_probability", "churn_30", "order_probability", "next_order_from"),
    ):
        assert getattr(anna, name) is None, name
    state = state_of(small)
    assert state.lack is Lack.GATE
    assert {one.need.value for one in state.failing} >= {"customers"}
    assert facts_changed(small)[anna.profile_id] == {
        "prediction:historic_clv",
        "prediction:historic_number_of_orders",
        "prediction:average_order_value",
        "prediction:average_days_between_orders",
        "prediction:predicted_gender",
    }


def test_a_gate_that_closes_takes_predictions_away() -> None:
    account = shop()
    refresh(account, AT)
    later = AT + 60 * DAY
    day = refresh(account, later)
    assert day is not None
    assert day.run is None
    assert not Prediction.objects.exclude(churn_probability=None).exists()
    assert Prediction.objects.exclude(historic_clv=None).exists()
    assert state_of(account).lack is Lack.GATE


def test_only_who_changed_is_told(small: Account) -> None:
    refresh(small, AT)
    happened(small, "c1", "Placed Order", AT - 2 * DAY, 3.0)
    last = ProfileChange.objects.latest("pk").pk
    refresh(small, AT)
    assert facts_changed(small, after=last) == {
        of(small, "c1").profile_id: {
            "prediction:historic_clv",
            "prediction:historic_number_of_orders",
            "prediction:average_order_value",
            "prediction:average_days_between_orders",
        }
    }


def test_refunds_and_cancellations_count(small: Account) -> None:
    # The whole second order, by its value; and a part of the only order of the other.
    happened(small, "c0", "Refunded Order", AT - 100 * DAY, 30.0)
    happened(small, "c1", "Refunded Order", AT - 100 * DAY, 2.0)
    refresh(small, AT)
    assert (of(small, "c0").historic_clv, of(small, "c0").historic_number_of_orders) == (10, 1)
    assert (of(small, "c1").historic_clv, of(small, "c1").historic_number_of_orders) == (5, 1)
    happened(small, "c1", "Cancelled Order", AT - 90 * DAY, 7.0)
    refresh(small, AT)
    assert of(small, "c1").historic_clv is None


def test_a_refund_takes_the_order_back_that_it_names(small: Account) -> None:
    # Two orders of one value: the first is refunded, so the second one's day remains.
    load(small, log([(3, 100.5, 50.0), (3, 200.5, 50.0), (3, 300.5, 50.0)]), "Placed Order")
    event = {
        "metric": "Refunded Order",
        "time": AT - DAY,
        "value": 50.0,
        "unique_id": "back",
        "properties": {"Order ID": "3-0"},
        "profile": {"external_id": "c3"},
    }
    assert not ingest_events(account=small, records=[event], at=AT, times=FILE_TIMES).rejected
    refresh(small, AT)
    assert of(small, "c3").historic_clv == 100
    assert of(small, "c3").average_days_between_orders == 100


def test_a_shop_chooses_its_metrics(small: Account) -> None:
    happened(small, "c2", "Bought", AT - 5 * DAY, 12.0)
    metric = small_metric(small, "Bought")
    Choices.objects.create(account=small, order_metric=metric, refund_metric="", cancel_metric="")
    refresh(small, AT)
    assert of(small, "c2").historic_clv == 12
    assert of(small, "c0").historic_clv is None


def small_metric(account: Account, name: str) -> str:
    return Metric.objects.get(account=account, name=name).key


def test_gender_is_guessed_unless_declared_or_switched_off(small: Account) -> None:
    person = {"external_id": "c0", "properties": {"Gender": "other"}}
    ingest_profiles(account=small, records=[person], at=AT)
    refresh(small, AT)
    genders = {
        row.profile.external_id: row.predicted_gender
        for row in Prediction.objects.filter(account=small).select_related("profile")
    }
    assert genders == {"c0": None, "c1": "likely_male", "c2": "uncertain"}
    Choices.objects.create(account=small, guesses_gender=False, gender_note="We do not guess.")
    refresh(small, AT)
    assert not Prediction.objects.exclude(predicted_gender=None).exists()
    assert state_of(small).lack_of("predicted_gender") is Lack.GENDER_OFF


def test_who_is_erased_leaves_no_prediction(small: Account) -> None:
    refresh(small, AT)
    profile_id = of(small, "c0").profile_id
    erase(account=small, profile_id=profile_id, at=AT)
    assert not Prediction.objects.filter(profile_id=profile_id).exists()
    refresh(small, AT)
    assert not Prediction.objects.filter(profile_id=profile_id).exists()


def test_two_who_are_merged_have_one_history(small: Account) -> None:
    refresh(small, AT)
    keep, drop = of(small, "c0").profile_id, of(small, "c1").profile_id
    merge(account=small, keep_id=keep, drop_id=drop, at=AT)
    assert not Prediction.objects.filter(profile_id=drop).exists()
    refresh(small, AT)
    assert of(small, "c0").historic_clv == 47
    assert of(small, "c0").historic_number_of_orders == 3


def test_who_is_merged_into_somebody_new_keeps_the_prediction(small: Account) -> None:
    refresh(small, AT)
    outcome = ingest_profiles(account=small, records=[{"external_id": "new"}], at=AT)
    drop = of(small, "c0").profile_id
    (new,) = outcome.profile_ids
    assert new is not None
    merge(account=small, keep_id=new, drop_id=drop, at=AT)
    assert of(small, "new").historic_clv == 40


def test_a_row_of_nobody_goes(small: Account) -> None:
    refresh(small, AT)
    Prediction.objects.create(account=small, profile_id=999_999, as_of=AT.date(), historic_clv=1)
    refresh(small, AT)
    assert not Prediction.objects.filter(profile_id=999_999).exists()


@pytest.fixture
def wary() -> tuple[Account, Segment]:
    """A shop that is predicted, and its segment of people who may stay away."""
    account = shop()
    refresh(account, AT)
    definition = {
        "condition_groups": [
            {
                "conditions": [
                    {
                        "type": "profile-predictive-analytics",
                        "dimension": "churn_probability",
                        "filter": {"type": "numeric", "operator": "greater-than", "value": 0.7},
                    }
                ]
            }
        ]
    }
    segment = save_segment(account=account, user=None, name="Wary", definition=definition, at=AT)
    run_build(Build.objects.get(segment=segment).pk, AT)
    follow(account, AT)
    segment.refresh_from_db()
    return account, segment


def members(segment: Segment) -> set[int]:
    return set(Membership.objects.filter(segment=segment).values_list("profile_id", flat=True))


def risky(account: Account) -> set[int]:
    rows = Prediction.objects.filter(account=account, churn_probability__gt=0.7)
    return set(rows.values_list("profile_id", flat=True))


def test_a_segment_follows_the_prediction(wary: tuple[Account, Segment]) -> None:
    account, segment = wary
    before = risky(account)
    assert members(segment) == before
    assert before
    later = AT + 5 * DAY
    refresh(account, later)
    assert members(segment) == before
    follow(account, later)
    assert members(segment) == risky(account) != before
    moves = MembershipChange.objects.filter(segment=segment, at__gte=later)
    assert {change.cause for change in moves} == {Cause.PREDICTION}
    assert {change.profile_id for change in moves} == before ^ risky(account)


def test_columns_of_people_hold_what_rows_say() -> None:
    account = shop()
    refresh(account, AT)
    people = all_of(account)
    rows = {row.profile_id: row for row in Prediction.objects.filter(account=account)}
    predictions_in_order = [rows.get(id_) for id_ in people.ids.tolist()]
    churn = people.prediction("churn_probability").number_per_row()
    np.testing.assert_array_equal(
        churn,
        [
            np.nan if r is None or r.churn_probability is None else r.churn_probability
            for r in predictions_in_order
        ],
    )
    group, dates = (
        people.prediction("rfm_group"),
        people.prediction("expected_date_of_next_purchase"),
    )
    for i, row in enumerate(predictions_in_order):
        assert group.get(i) == (row.rfm_group if row else None)
        date = dates.get(i)
        if date is not None:
            assert row is not None
            assert datetime.fromtimestamp(date / 1e6, AT.tzinfo).date() == row.next_order
    assert people.prediction("channel_affinity:email:rank").is_set.sum() == 0


def test_who_moves_between_groups_is_noted() -> None:
    account = shop()
    refresh(account, AT)
    before = {row.profile_id: row.rfm_group for row in Prediction.objects.exclude(rfm_group=None)}
    later = AT + 20 * DAY
    refresh(account, later)
    moves = 0
    for row in Prediction.objects.exclude(rfm_group=None):
        if row.rfm_group != before[row.profile_id]:
            moves += 1
            assert row.previous_rfm_group == before[row.profile_id]
            assert row.rfm_changed == (later - DAY).date()
        else:
            assert row.previous_rfm_group is None
    assert moves


def test_accounts_do_not_mix(small: Account) -> None:
    other = create_account(slug="other")
    load(other, shop_drawn(30, 100))
    refresh(small, AT)
    assert not Prediction.objects.filter(account=other).exists()
    assert Profile.objects.filter(account=other).exists()
