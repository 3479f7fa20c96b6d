"""Tasks, the command, and the challenger once it has won."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from predictions import tasks
from predictions.models import Day, Prediction, Run, Upkeep
from predictions.storage.challenger import is_preferred
from predictions.storage.refresh import refresh
from segmenter.accounts.models import create_account
from tests.predictions.shops import log
from tests.predictions.stores import AT, load, shop

pytestmark = pytest.mark.django_db


def test_the_sweep_predicts_each_account_once_a_day() -> None:
    account = create_account(slug="small")
    load(account, log([(0, 0.5, 10.0)]))
    with time_machine.travel(AT, tick=False):
        tasks.sweep()
        tasks.predict(account.pk)  # a message that was sent twice
    assert Day.objects.get().made == AT
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        tasks.predict(account.pk)
    assert Day.objects.get().made == AT
    with time_machine.travel(AT + timedelta(days=1), tick=False):
        tasks.sweep()
    assert Day.objects.count() == 2


def test_after_the_clock_went_back_the_sweep_predicts_again() -> None:
    account = create_account(slug="small")
    load(account, log([(0, 0.5, 10.0)]))
    with time_machine.travel(AT + timedelta(days=400), tick=False):
        tasks.sweep()
    Upkeep.objects.update(heartbeat=AT + timedelta(days=400))
    with time_machine.travel(AT, tick=False):
        tasks.sweep()
    assert {day.made for day in Day.objects.all()} == {AT, AT + timedelta(days=400)}
    last = Upkeep.objects.get().day
    assert last is not None
    assert last < AT.date()


def test_a_task_fits_anew() -> None:
    account = shop()
    with time_machine.travel(AT, tick=False):
        tasks.refit(account.pk)
        tasks.refit(account.pk)
    assert Run.objects.filter(finished__isnull=False).count() == 2


def test_the_command_says_how_it_went() -> None:
    account = create_account(slug="small")
    load(account, log([(0, 0.5, 10.0)]))
    output = StringIO()
    call_command("refresh_predictions", account="small", at=AT.isoformat(), stdout=output)
    assert "Nothing is predicted: gate." in output.getvalue()
    assert Prediction.objects.get(account=account).historic_clv == 10


@pytest.mark.parametrize(
    ("options", "why"),
    [({"account": "none"}, "no account"), ({"account": "small", "at": "soon"}, "not a time")],
)
def test_the_command_refuses(options: dict[str, str], why: str) -> None:
    create_account(slug="small")
    with pytest.raises(CommandError, match=why):
        call_command("refresh_predictions", **options)


def test_the_command_waits_for_nobody() -> None:
    account = create_account(slug="small")
    Upkeep.objects.create(account=account, heartbeat=AT)
    with pytest.raises(CommandError, match="at work"):
        call_command("refresh_predictions", account="small", at=AT.isoformat())


def test_the_challenger_is_used_after_winning_twice_running() -> None:
    account = shop()
    refresh(account, AT)
    ours = {row.profile_id: row.predicted_number_of_orders for row in Prediction.objects.all()}
    Run.objects.update(challenger_won=True)
    assert not is_preferred(account)
    first = Run.objects.get()
    first.pk, first.started = None, AT - timedelta(days=7)
    first.save()
    assert is_preferred(account)
    refresh(account, AT)
    customers: Any = Prediction.objects.exclude(historic_clv=None)
    assert any(row.predicted_number_of_orders != ours[row.profile_id] for row in customers)
    for row in customers:
        assert row.predicted_number_of_orders >= 0
        assert row.predicted_clv >= 0
        assert 1 >= row.churn_30 >= row.churn_90 >= row.churn_180 >= row.churn_probability >= 0
        assert row.next_order
