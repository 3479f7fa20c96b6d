"""The status page: its alarms, who sees them, and trying again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from profiles.models import ImportJob, ImportStatus, Mirror, ProfileChange
from segmenter.accounts.models import Account
from segmenter.accounts.status import in_words, status_of
from segments.health import heartbeats
from segments.health.work import time_left
from segments.models import (
    AccountClock,
    Audit,
    Reason,
    SegmentStatus,
    Webhook,
)
from tests.fixtures.cast import AT
from tests.segments.health.troubles import a_build, a_segment, ago, an_audit, aside, make_well

pytestmark = pytest.mark.django_db


@pytest.fixture
def well(account: Account) -> Account:
    """An account whose machinery runs as it should, at AT."""
    make_well(account)
    return account


def alarms(account: Account, at: datetime = AT) -> list[tuple[str, str]]:
    return [(one.level, one.what) for one in status_of(account, at).troubles]


def test_without_trouble_all_is_well(well: Account) -> None:
    assert alarms(well) == []
    assert status_of(well, AT).level == "good"


Trouble = Callable[[Account], object]
TROUBLES: list[tuple[Trouble, str, str]] = [
    (
        lambda account: Mirror.objects.create(
            account=account, home="a", database="b", snapshot="1:1:", taken=AT - timedelta(days=9)
        ),
        "warn",
        "The columns of people have not been renewed for more than a week.",
    ),
    (
        lambda account: ProfileChange.objects.create(
            account=account, profile_id=1, cause="event", facts=[], at=ago(61), transaction=1
        ),
        "warn",
        "Changes wait for longer than a minute.",
    ),
    (
        lambda account: AccountClock.objects.update(until=ago(121)),
        "bad",
        "Time windows have not moved for some minutes.",
    ),
    (
        lambda account: aside(account, 1),
        "bad",
        "1 change could not be followed and was set aside.",
    ),
    (
        lambda account: a_build(account, started=ago(90), heartbeat=ago(61)),
        "warn",
        "The worker of 1 build has fallen silent.",
    ),
    (
        lambda account: a_segment(account, status=SegmentStatus.FROZEN, error="no metric"),
        "warn",
        "1 segment is frozen: its definition cannot be evaluated.",
    ),
    (
        lambda account: ImportJob.objects.create(
            account=account, status=ImportStatus.RUNNING, created=ago(99), heartbeat=ago(61)
        ),
        "warn",
        "The worker of 1 import has fallen silent.",
    ),
    (
        lambda account: heartbeats.delete_heartbeat("worker@shop-1:1"),
        "bad",
        "No worker is alive: nobody enters or leaves a segment.",
    ),
    (
        lambda account: heartbeats.write_heartbeat(
            "beat@shop-1:1", kind="beat", started=AT, at=ago(46)
        ),
        "bad",
        "Beat is not alive: time windows do not move, and lost work is not found.",
    ),
    (
        lambda account: heartbeats.write_heartbeat("beat@shop-2:1", kind="beat", started=AT, at=AT),
        "warn",
        "More than one beat runs: everything that is due is asked for twice.",
    ),
    (
        lambda account: an_audit(account, differences=2),
        "bad",
        "The last audit found 2 people in the wrong place.",
    ),
    (
        lambda account: Webhook.objects.create(
            account=account,
            name="Mailer",
            url="https://x.test/",
            failures=3,
            created=AT,
            updated=AT,
        ),
        "warn",
        "1 webhook keeps failing.",
    ),
    (
        lambda account: Webhook.objects.create(
            account=account,
            name="Mailer",
            url="https://x.test/",
            is_active=False,
            disabled_reason=Reason.GONE,
            created=AT,
            updated=AT,
        ),
        "warn",
        "1 webhook was switched off.",
    ),
    (
        lambda account: an_audit(account, error="disk full"),
        "warn",
        "The last audit did not come to its end.",
    ),
    (
        lambda account: (
            a_segment(account),
            AccountClock.objects.update(audited=AT - timedelta(hours=27)),
        ),
        "warn",
        "The audit is overdue.",
    ),
]


OF_ALL = {
    "No worker is alive: nobody enters or leaves a segment.",
    "Beat is not alive: time windows do not move, and lost work is not found.",
    "More than one beat runs: everything that is due is asked for twice.",
}
"""Processes serve all accounts."""


@pytest.mark.parametrize(("make", "level", "what"), TROUBLES, ids=[what for *_, what in TROUBLES])
def test_each_trouble_is_told_with_what_to_do(
    make: Trouble, level: str, what: str, well: Account, other_account: Account
) -> None:
    make(well)
    (trouble,) = status_of(well, AT).troubles
    assert (trouble.level, trouble.what) == (level, what)
    assert trouble.advice
    AccountClock.objects.create(account=other_account, until=AT, time_zone="UTC", audited=AT)
    elsewhere = [one.what for one in status_of(other_account, AT).troubles]
    assert elsewhere == ([what] if what in OF_ALL else [])


def test_the_worst_comes_first(well: Account) -> None:
    a_segment(well, status=SegmentStatus.FROZEN)
    aside(well, 1)
    assert [level for level, _ in alarms(well)] == ["bad", "warn"]
    assert status_of(well, AT).level == "bad"


def test_an_audit_without_difference_ends_the_alarm(well: Account) -> None:
    an_audit(well, started=ago(9000), differences=3)
    alarm = ("bad", "The last audit found 3 people in the wrong place.")
    assert alarms(well) == [alarm]
    failed = an_audit(well, started=ago(8000), error="RuntimeError: no")
    assert alarms(well) == [alarm, ("warn", "The last audit did not come to its end.")]
    an_audit(well, started=ago(7000), finished=None)
    assert alarms(well) == [alarm]
    Audit.objects.exclude(pk=failed.pk).update(finished=AT)
    assert alarms(well) == []


def test_where_nothing_is_live_no_audit_is_due(well: Account) -> None:
    AccountClock.objects.update(audited=AT - timedelta(days=90))
    assert alarms(well) == []
    a_segment(well, is_active=False)
    assert alarms(well) == []


@pytest.mark.parametrize(
    ("started", "done", "expected"),
    [
        (None, 0, None),
        (ago(60), 0, None),
        (ago(60), 19, None),  # too little for an estimate
        (ago(0.5), 900, None),
        (ago(60), 500, 60),
        (ago(60), 750, 20),
        (ago(120), 750, 40),  # it stands still: the estimate grows
        (ago(60), 1000, 0),
        (ago(60), 1200, 0),  # people came in meanwhile
    ],
)
def test_what_is_left_of_a_build_is_told_when_it_can_be_known(
    started: datetime | None, done: int, expected: float | None, account: Account
) -> None:
    build = a_build(account, started=started, people_done=done)
    remaining = time_left(build, AT)
    assert remaining == (None if expected is None else timedelta(seconds=expected))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-3, "0 seconds"),
        (1.9, "1 second"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (3 * 3600 + 125, "3 hours, 2 minutes"),
    ],
)
def test_durations_are_told_in_words(seconds: float, expected: str) -> None:
    assert in_words(timedelta(seconds=seconds)).replace("\xa0", " ") == expected
