"""As of when membership is true: what holds it back, and what does not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from profiles.ingest.store import ingest_profiles
from profiles.models import Cause, ProfileChange
from segmenter.accounts.models import Account
from segments.engine.live import handle_changes
from segments.engine.watermark import watermark, watermarks
from segments.models import AccountClock
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db

SECONDS = 1
MINUTES = 60
NOW: datetime = AT


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def change(
    account: Account, at: datetime, *, handled: bool = False, error: str = ""
) -> ProfileChange:
    return ProfileChange.objects.create(
        account=account,
        profile_id=1,
        cause=Cause.EVENT,
        facts=["exists"],
        at=at,
        handled=NOW if handled else None,
        error=error,
        transaction=1,
    )


def clock(account: Account, until: datetime) -> None:
    AccountClock.objects.update_or_create(
        account=account, defaults={"until": until, "time_zone": account.time_zone}
    )


@pytest.mark.parametrize(
    ("ages", "clock_behind", "expected"),
    [
        ([], 0, 0),
        ([], 59 * SECONDS, 0),
        ([], 2 * MINUTES, 0),
        ([], 2 * MINUTES + 1, 2 * MINUTES + 1),
        ([], 3600, 3600),
        ([3], 0, 3),
        ([3, 90], 30, 90),
        ([90, 3], 30, 90),
        ([3], 300, 300),
        ([600], 300, 600),
        ([-5], 0, 0),
        ([-5], 300, 300),
        ([], -30, 0),
        ([], -31, 31),
        ([], -6 * 3600, 6 * 3600),
        ([600], -400 * 86400, 400 * 86400),
    ],
)
def test_the_watermark_is_the_least_of_now_the_queue_and_a_clock_that_lags(
    ages: list[int], clock_behind: int, expected: int, account: Account
) -> None:
    clock(account, ago(clock_behind))
    for seconds in ages:
        change(account, ago(seconds))
    assert watermark(account, NOW).time == ago(expected)
    mark = watermark(account, NOW)
    assert mark.lag == timedelta(seconds=expected)
    assert mark.is_late == (expected > 60)
    assert mark.clock_is_late == (clock_behind > 120)
    assert mark.oldest == (ago(max(ages)) if ages else None)


def test_what_is_done_or_set_aside_holds_nothing_back(account: Account) -> None:
    clock(account, NOW)
    change(account, ago(900), handled=True)
    change(account, ago(800), handled=True, error="cannot be")
    assert watermark(account, NOW).time == NOW
    change(account, ago(700), error="failed once, waits for its next try")
    assert watermark(account, NOW).time == ago(700)


def test_without_a_clock_there_is_nothing_yet_that_could_lag(account: Account) -> None:
    assert watermark(account, NOW).time == NOW
    mark = watermark(account, NOW)
    assert (mark.clock, mark.clock_is_late, mark.is_late) == (None, False, False)


def test_a_change_holds_it_until_it_is_followed(account: Account) -> None:
    clock(account, NOW)
    ingest_profiles(account=account, records=[{"email": "anna@example.com"}], at=ago(75))
    assert watermark(account, NOW).time == ago(75)
    while handle_changes(account, NOW):
        pass
    assert watermark(account, NOW).time == NOW


def test_accounts_do_not_hold_one_another_and_all_are_asked_at_once(
    account: Account, other_account: Account
) -> None:
    for one in (account, other_account):
        clock(one, NOW)
    change(account, ago(300))
    with CaptureQueriesContext(connection) as queries:
        marks = watermarks(NOW)
    assert len(queries) == 1
    assert {pk: mark.time for pk, mark in marks.items()} == {
        account.pk: ago(300),
        other_account.pk: NOW,
    }
    assert watermarks(NOW, accounts=[other_account.pk]).keys() == {other_account.pk}
    assert watermarks(NOW, accounts=[]) == {}
