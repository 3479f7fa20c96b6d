"""Files under killed workers, two workers at once, and people who are erased meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections

from profiles.ingest.erase import erase
from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.audiences import delta, files
from segments.models import (
    AudienceFile,
    AudienceFileLine,
    AudienceFileState,
    AudienceMember,
    Segment,
)
from tests.fixtures.cast import AT
from tests.segments.audiences.shop import ADDITIONS, EVERYONE, hashes, let_in, new_segment, sha

pytestmark = pytest.mark.django_db(transaction=True)
WAIT = 20
"""Seconds after which a test that hangs fails."""


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = new_segment(account)
    let_in(segment, {"email": "anna@example.com"}, {"email": "bo@example.com"})
    return segment


@pytest.fixture(autouse=True)
def no_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files wait until a worker of the test makes them."""
    monkeypatch.setattr(files.new_files, "subscribers", [])


def request(segment: Segment) -> AudienceFile:
    return files.request_file(
        segment=segment, network="meta", kind=EVERYONE, includes_unasked=False, user=None, at=AT
    )


class Worker(threading.Thread):
    """A worker of its own connection; `result` is what it returned or raised."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._work, self.pid = work, 0
        self.result: Any = None
        self.start()

    def run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.pid = cursor.fetchone()[0]
            self.result = self._work()
        except Exception as error:
            self.result = error
        finally:
            connections.close_all()

    def wait(self) -> Any:
        self.join(WAIT)
        assert not self.is_alive()
        return self.result


class Gate:
    """Holds whoever comes to a function for the first time until it is let go."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function, self._first = function, True
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._first:
            self._first = False
            self.reached.set()
            assert self.open.wait(WAIT)
        return self._function(*args, **kwargs)


@pytest.fixture
def before_lock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """All is read, nothing is kept yet."""
    gate = Gate(delta.lock)
    monkeypatch.setattr("segments.audiences.composition.lock", gate)
    yield gate
    gate.open.set()


@pytest.fixture
def before_commit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """All is written, nothing is committed."""
    gate = Gate(files._take_out_erased)
    monkeypatch.setattr(files, "_take_out_erased", gate)
    yield gate
    gate.open.set()


def test_a_killed_worker_leaves_nothing_and_the_next_one_makes_the_file(
    segment: Segment, before_commit: Gate
) -> None:
    file = request(segment)
    worker = Worker(lambda: files.make_file(file.pk, AT))
    assert before_commit.reached.wait(WAIT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [worker.pid])
    before_commit.open.set()
    assert worker.wait() is False
    assert AudienceFileLine.objects.count() == AudienceMember.objects.count() == 0
    assert files.waiting_files() == [file.pk]
    assert files.make_file(file.pk, AT)
    file.refresh_from_db()
    assert (file.state, file.rows, file.tries) == (AudienceFileState.READY, 2, 2)
    assert AudienceMember.objects.count() == 2


def test_two_workers_make_a_file_once(segment: Segment, before_commit: Gate) -> None:
    file = request(segment)
    first = Worker(lambda: files.make_file(file.pk, AT))
    assert before_commit.reached.wait(WAIT)
    second = Worker(lambda: files.make_file(file.pk, AT))
    assert second.wait() is False
    before_commit.open.set()
    assert first.wait() is True
    assert AudienceFileLine.objects.filter(file=file).count() == 3
    assert AudienceMember.objects.count() == 2


def test_two_files_of_one_audience_take_turns(segment: Segment, before_commit: Gate) -> None:
    first, second = request(segment), request(segment)
    AudienceFile.objects.filter(pk=second.pk).update(kind=ADDITIONS)
    worker = Worker(lambda: files.make_file(first.pk, AT))
    assert before_commit.reached.wait(WAIT)
    other = Worker(lambda: files.make_file(second.pk, AT))
    other.join(0.2)
    assert other.is_alive()
    before_commit.open.set()
    assert worker.wait() is True
    assert other.wait() is True
    second.refresh_from_db()
    assert second.rows == 0


def test_who_is_erased_while_a_file_is_made_is_not_in_it(
    segment: Segment, before_lock: Gate
) -> None:
    file = request(segment)
    worker = Worker(lambda: files.make_file(file.pk, AT))
    assert before_lock.reached.wait(WAIT)
    erase_by_address(segment.account_id, "anna@example.com")
    before_lock.open.set()
    assert worker.wait() is True
    assert hashes(file) == {sha("bo@example.com")}
    file.refresh_from_db()
    assert file.rows == 1
    orphan = AudienceMember.objects.get(profile_id=None)
    assert bytes(orphan.email_hash or b"").hex() == sha("anna@example.com")


def test_an_erasure_waits_for_a_file_that_is_being_finished(
    segment: Segment, before_commit: Gate
) -> None:
    file = request(segment)
    worker = Worker(lambda: files.make_file(file.pk, AT))
    assert before_commit.reached.wait(WAIT)
    eraser = Worker(lambda: erase_by_address(segment.account_id, "anna@example.com"))
    eraser.join(0.2)
    assert eraser.is_alive()
    before_commit.open.set()
    assert worker.wait() is True
    assert eraser.wait() is None
    assert hashes(file) == {sha("bo@example.com")}
    assert AudienceMember.objects.filter(profile_id=None).count() == 1


def erase_by_address(account_id: int, address: str) -> None:
    person = Profile.objects.select_related("account").get(account=account_id, email=address)
    erase(account=person.account, profile_id=person.pk, at=AT)
