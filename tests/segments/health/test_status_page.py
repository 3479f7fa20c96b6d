"""The status page: who reads it, and what it shows of work under way."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from profiles import changes
from profiles.models import ImportJob, ImportStatus, Profile
from segmenter.accounts.models import Account, User
from segmenter.accounts.status import sections
from segmenter.kernel.clock import now
from segments.health.changes import set_aside, try_again
from segments.models import (
    SegmentStatus,
)
from tests.fixtures.cast import AT, SignIn
from tests.segments.health.troubles import a_build, a_segment, ago, an_audit, aside, make_well

pytestmark = pytest.mark.django_db


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
    """A fixed time for repeated requests of the page."""
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
