"""Hooks: who is called, when, and what becomes of an exception."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from functools import partial

import pytest
from django.conf import settings
from django.db import transaction

from segmenter.accounts.models import Account
from segmenter.kernel.hook import Hook

Calls = list[tuple[str, int]]


@pytest.fixture
def calls() -> Calls:
    return []


@pytest.fixture
def hook(calls: Calls) -> Hook[[int]]:
    """Three subscribers, of which the second fails for odd numbers."""

    def first(number: int) -> None:
        calls.append(("first", number))

    def fails(number: int) -> None:
        if number % 2:
            raise ConnectionError("The broker is away.")
        calls.append(("second", number))

    hook = Hook[[int]]()
    hook.subscribe(first, fails, lambda number: calls.append(("third", number)))
    return hook


def test_subscribers_are_called_in_order(hook: Hook[[int]], calls: Calls) -> None:
    hook.call(2)

    assert calls == [("first", 2), ("second", 2), ("third", 2)]


@pytest.mark.django_db(transaction=True)
def test_an_exception_in_a_call_rolls_the_callers_transaction_back(
    hook: Hook[[int]], calls: Calls
) -> None:
    @transaction.atomic
    def write() -> None:
        Account.objects.create(name="Shop")
        hook.call(1)

    with pytest.raises(ConnectionError):
        write()

    assert calls == [("first", 1)]
    assert not Account.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_calls_after_a_commit_wait_for_it(hook: Hook[[int]], calls: Calls) -> None:
    with transaction.atomic():
        hook.call_after_commit(2)
        assert calls == []

    assert calls == [("first", 2), ("second", 2), ("third", 2)]


@pytest.mark.django_db(transaction=True)
def test_nobody_is_called_after_a_rollback(hook: Hook[[int]], calls: Calls) -> None:
    with transaction.atomic():
        hook.call_after_commit(2)
        transaction.set_rollback(True)

    assert calls == []


@pytest.mark.django_db(transaction=True)
def test_an_exception_after_the_commit_is_logged_and_stops_nobody(
    hook: Hook[[int]], calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    hook.subscribe(partial(int, "no number"))  # a partial has no name of its own
    with caplog.at_level(logging.ERROR), transaction.atomic():
        Account.objects.create(name="Shop")
        hook.call_after_commit(1)

    assert calls == [("first", 1), ("third", 1)]
    assert Account.objects.exists()
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 2
    assert "fails" in messages[0]


def test_nobody_subscribes_twice(hook: Hook[[int]]) -> None:
    with pytest.raises(ValueError, match="already"):
        hook.subscribe(hook.subscribers[0])


HOOKS = (
    "profiles.changes:profile_change",
    "profiles.ingest.erase:erasure",
    "profiles.imports.jobs:job_start",
    "segments.engine.build_queue:new_build",
    "segments.engine.membership:new_ledger_rows",
    "segments.engine.dependents:before_deletion",
    "segments.engine.rewind:clock_rewind",
    "segments.webhooks.deliveries:new_deliveries",
    "segments.exports.jobs:export_start",
    "segments.samples.jobs:sample_start",
    "segments.audiences.files:new_files",
    "segments.audiences.connections:due",
    "segments.destinations.sync:due",
    "segments.forecasts.jobs:forecast_start",
)
COUNT = """
import json, sys
from importlib import import_module
import django
django.setup()
hooks = [name.split(":") for name in sys.argv[1:]]
print(json.dumps([len(getattr(import_module(m), name).subscribers) for m, name in hooks]))
"""


def test_once_the_apps_are_ready_every_hook_has_its_subscribers() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", COUNT, *HOOKS],
        check=True,
        capture_output=True,
        cwd=settings.BASE_DIR,
        text=True,
    )

    assert json.loads(answer.stdout) == [1, 6, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1]
