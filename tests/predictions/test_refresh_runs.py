"""Runs of the refresh: failed tests, strange shops, leases and quiet hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from predictions.models import Prediction, Run, RunStatus, Upkeep
from predictions.storage.queries import Lack, accounts_due, state_of
from predictions.storage.refresh import ask, refresh
from profiles.ingest.store import ingest_profiles
from segmenter.accounts.models import Account, create_account
from tests.predictions.shops import SHOPS, log
from tests.predictions.small_shop import of, small
from tests.predictions.stores import AT, DAYS, load, shop

__all__ = ["small"]

pytestmark = pytest.mark.django_db


def test_a_run_that_fails_its_test_is_held_back_and_the_last_good_one_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = shop()
    refresh(account, AT)
    good = Run.objects.get()
    # In the last 90 days everybody comes every day: nothing that a model could have known.
    rows = [(c, DAYS - 60 + d + 0.5, 9.0) for c in range(150) for d in range(59)]
    load(account, log(rows), at=AT)
    day = refresh(account, AT, refit=True)
    latest = state_of(account).latest
    assert latest is not None
    assert latest.status == RunStatus.HELD_BACK
    assert not all(one["passed"] for one in latest.verdicts)
    assert day is not None
    assert day.run == good
    assert Prediction.objects.exclude(churn_probability=None).exists()


def test_without_any_good_run_nothing_is_predicted_and_says_so() -> None:
    account = create_account(slug="odd")
    # Enough for the gate, but the last months cannot be predicted from the months before.
    rows = [(c, c % 300 + 0.5, 10.0) for c in range(600)]
    rows += [(c, DAYS - 60 + d + 0.5, 9.0) for c in range(300) for d in range(0, 59, 2)]
    load(account, log(rows))
    day = refresh(account, AT)
    assert day is not None
    assert day.run is None
    assert Run.objects.get().status == RunStatus.HELD_BACK
    assert state_of(account).lack is Lack.NO_MODEL
    assert not Prediction.objects.exclude(churn_probability=None).exists()
    assert Prediction.objects.exclude(rfm_group=None).exists()


@pytest.mark.parametrize("name", sorted(SHOPS))
def test_no_shop_is_too_strange(name: str) -> None:
    orders = SHOPS[name]
    account = create_account(slug="strange")
    load(account, orders.take(np.arange(min(len(orders), 8_000))))
    day = refresh(account, AT, refit=True)
    assert day is not None
    assert Upkeep.objects.get(account=account).error == ""
    for row in Prediction.objects.filter(account=account).values():
        assert "NaN" not in {str(value) for value in row.values()}
    run = Run.objects.first()
    assert run is None or run.finished
    assert (state_of(account).lack is None) == (day.run is not None)


def test_a_shop_without_any_order() -> None:
    account = create_account(slug="none")
    ingest_profiles(account=account, records=[{"external_id": "1", "first_name": "Eva"}], at=AT)
    day = refresh(account, AT)
    assert day is not None
    assert day.customers == 0
    assert of(account, "1").predicted_gender == "likely_female"


def test_one_works_at_a_time_and_a_dead_one_is_replaced(small: Account) -> None:
    Upkeep.objects.create(account=small, heartbeat=AT - timedelta(minutes=5))
    assert refresh(small, AT) is None
    assert not Prediction.objects.exists()
    assert refresh(small, AT + timedelta(minutes=20)) is not None
    assert Upkeep.objects.get(account=small).heartbeat is None


def test_accounts_are_due_at_their_own_quiet_hour(small: Account) -> None:
    assert accounts_due(AT) == [small.pk]
    refresh(small, AT)
    assert accounts_due(AT) == []
    midnight = AT + timedelta(hours=12)
    assert accounts_due(midnight + timedelta(hours=1)) == []
    assert accounts_due(midnight + timedelta(hours=3)) == [small.pk]
    ask(small, AT)
    assert accounts_due(AT) == [small.pk]
    Account.objects.filter(pk=small.pk).update(time_zone="Pacific/Auckland")
    refresh(Account.objects.get(pk=small.pk), AT)
    assert accounts_due(AT) == []
    # It is 01:00 there: yesterday is included, today waits until 03:00 tomorrow.
    assert accounts_due(AT + timedelta(hours=25)) == []
    assert accounts_due(AT + timedelta(hours=26)) == [small.pk]


def test_what_failed_is_tried_again_after_an_hour(
    small: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no more memory")

    with monkeypatch.context() as patch:
        patch.setattr("predictions.storage.refresh.summarise", broken)
        with pytest.raises(RuntimeError):
            refresh(small, AT)
    upkeep = Upkeep.objects.get(account=small)
    assert upkeep.error == "RuntimeError: no more memory"
    assert upkeep.heartbeat is None
    assert accounts_due(AT + timedelta(minutes=30)) == []
    assert accounts_due(AT + timedelta(minutes=61)) == [small.pk]
    refresh(small, AT)
    assert Upkeep.objects.get(account=small).error == ""
