"""The page of status: what it says when all is well and when not, to whom, and trying again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from profiles import changes
from profiles.models import Cause, ImportJob, ImportStatus, Mirror, Profile, ProfileChange
from segmenter.accounts.models import Account, User
from segmenter.accounts.status import in_words, sections, status_of
from segmenter.kernel.clock import now
from segments.health import heartbeats
from segments.health.changes import set_aside, try_again
from segments.health.work import time_left
from segments.models import (
    AccountClock,
    Audit,
    Build,
    Reason,
    Segment,
    SegmentStatus,
    Webhook,
)
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db


def ago(seconds: float, at: datetime = AT) -> datetime:
    return at - timedelta(seconds=seconds)


def make_well(account: Account, at: datetime = AT) -> None:
    AccountClock.objects.create(
        account=account, until=at, time_zone="UTC", audited=at - timedelta(hours=3)
    )
    for kind in ("worker", "beat"):
        heartbeats.write_heartbeat(f"{kind}@shop-1:1", kind=kind, started=ago(900, at), at=at)


@pytest.fixture
def well(account: Account) -> Account:
    """An account whose machinery runs as it should, at AT."""
    make_well(account)
    return account


def aside(account: Account, profile_id: int, error: str = "ZeroDivisionError: no") -> ProfileChange:
    return ProfileChange.objects.create(
        account=account,
        profile_id=profile_id,
        cause=Cause.EVENT,
        facts=["exists"],
        at=AT,
        handled=AT,
        tries=5,
        retry_at=AT,
        error=error,
        transaction=1,
    )


def a_segment(account: Account, **more: Any) -> Segment:
    fields = {"name": "Buyers", "definition": {}, "created": AT, "updated": AT, **more}
    return Segment.objects.create(account=account, **fields)


def a_build(account: Account, **more: Any) -> Build:
    segment = a_segment(account)
    fields = {"version": 1, "cause": Cause.DEFINITION, "created": ago(60), "people_total": 1000}
    return Build.objects.create(account=account, segment=segment, **{**fields, **more})


def an_audit(account: Account, **more: Any) -> Audit:
    fields = {"started": ago(3600), "heartbeat": ago(3500), "finished": ago(3500), **more}
    return Audit.objects.create(account=account, **fields)


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
        (ago(60), 19, None),  # too little to say
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


# --- the page ------------------------------------------------------------------------------------


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def versions_in(page: str) -> list[str]:
    return re.findall(r'name="version" value="([\w-]+:\w+)"', page)


def test_everybody_of_the_account_reads_it_and_marketers_try_again(
    account: Account,
    people: list[Profile],
    owner: User,
    marketer: User,
    viewer: User,
    sign_in: SignIn,
) -> None:
    change = aside(account, people[0].pk)
    for user, may in ((owner, True), (marketer, True), (viewer, False)):
        client = sign_in(user)
        page = client.get("/status/").content.decode()
        assert "Anna Lind" in page
        assert "ZeroDivisionError: no" in page
        assert (f'id="again-{change.pk}"' in page) == may
        assert ('id="again-all"' in page) == may
    assert sign_in(viewer).post("/status/again").status_code == 403
    assert set_aside(account).count() == 1
    assert Client().get("/status/")["Location"].startswith("/sign-in")
    assert Client().post("/status/again").status_code == 302
    assert sign_in(owner).get("/status/again").status_code == 405


def test_a_stranger_sees_nothing_of_it(
    account: Account, people: list[Profile], stranger: User, sign_in: SignIn
) -> None:
    change = aside(account, people[0].pk)
    a_build(account)
    an_audit(account, differences=7, details=[{"segment": "AbCdEf", "name": "Secret"}])
    ImportJob.objects.create(
        account=account, file_name="orders.csv", status=ImportStatus.RUNNING, created=AT
    )
    client = sign_in(stranger)
    page = client.get("/status/").content.decode()
    for theirs in ("Anna", "ZeroDivision", "Buyers", "Secret", "orders.csv", "shop-1"):
        assert theirs not in page
    for pk in (change.pk, 987654321):
        assert client.post("/status/again", {"change": pk}).status_code == 404
    client.post("/status/again")
    assert set_aside(account).count() == 1


def test_work_under_way_is_shown_with_how_far_it_is(
    account: Account, viewer: User, sign_in: SignIn
) -> None:
    at = now()
    a_build(account, created=at, started=ago(60, at), heartbeat=at, people_done=250)
    ImportJob.objects.create(
        account=account,
        file_name="orders.csv",
        status=ImportStatus.RUNNING,
        created=at,
        heartbeat=at,
        bytes_total=200,
        bytes_read=50,
    )
    page = text(sign_in(viewer).get("/status/").content.decode())
    assert "250 of 1,000 people · about 3" in page
    assert "orders.csv 25 %" in page


@pytest.mark.parametrize("value", ["²", "-1", "1.5", "9" * 40, "null", "0"])
def test_no_number_breaks_trying_again(value: str, marketer: User, sign_in: SignIn) -> None:
    assert sign_in(marketer).post("/status/again", {"change": value}).status_code == 404


def test_trying_again_lets_changes_wait_and_wakes_a_worker(
    account: Account,
    other_account: Account,
    marketer: User,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(changes.profile_change, "subscribers", [woken.append])
    first, second, third = (aside(account, n) for n in (1, 2, 3))
    theirs = aside(other_account, 4)
    client = sign_in(marketer)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/status/again", {"change": first.pk}, follow=True)
    assert "1 change is tried again." in answer.content.decode()
    first.refresh_from_db()
    assert (first.handled, first.tries, first.error, first.retry_at) == (None, 0, "", None)
    assert woken == [account.pk]
    assert set(set_aside(account)) == {second, third}
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/status/again", follow=True)
    assert "2 changes are tried again." in answer.content.decode()
    assert set(set_aside(other_account)) == {theirs}
    with django_capture_on_commit_callbacks(execute=True):
        assert try_again(account) == 0
    assert woken == [account.pk, account.pk]


def test_the_page_asks_for_what_has_changed_and_hears_nothing_else(
    account: Account, viewer: User, sign_in: SignIn, time_stands: datetime
) -> None:
    make_well(account, time_stands)
    client, htmx = sign_in(viewer), {"HX-Request": "true"}
    versions = versions_in(client.get("/status/").content.decode())
    assert {one.split(":")[0] for one in versions} == {"headline", *sections}
    same = client.get("/status/", {"version": versions}, headers=htmx)
    assert (same.status_code, same.content) == (204, b"")
    a_segment(account, name="Stuck", status=SegmentStatus.FROZEN, is_active=False)
    news = client.get("/status/", {"version": versions}, headers=htmx).content.decode()
    assert "<html" not in news
    assert {one.split(":")[0] for one in versions_in(news)} == {"headline", "builds"}
    assert "Stuck" in news
    everything = client.get("/status/", headers=htmx).content.decode()
    assert len(versions_in(everything)) == len(versions)


@pytest.fixture
def time_stands(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The moment at which the page is asked, again and again."""
    monkeypatch.setattr("segments.health.views.now", lambda: AT)
    return AT


def test_an_owner_is_told_of_a_difference_on_every_page(
    account: Account, owner: User, viewer: User, stranger: User, sign_in: SignIn
) -> None:
    mark = "the last audit found a difference"
    assert mark not in sign_in(owner).get("/segments/").content.decode()
    an_audit(account, differences=1)
    for user, is_told in ((owner, True), (viewer, False), (stranger, False)):
        assert (mark in sign_in(user).get("/segments/").content.decode()) == is_told
    an_audit(account, started=ago(60))
    assert mark not in sign_in(owner).get("/segments/").content.decode()
