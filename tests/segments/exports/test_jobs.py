"""The life of an export: made by a worker, cancelled, taken over, expired, withdrawn."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Conflict, Invalid
from segments.exports import jobs, stored_files
from segments.exports.jobs import run_export, start
from segments.member_files import member_rows, turns
from segments.member_files.file import file_name
from segments.member_files.request import ExportRequest, request_from
from segments.models import (
    Export,
    ExportBlock,
    ExportChunk,
    ExportStatus,
    Membership,
    Segment,
)
from tests.segments.member_files.shop import add_segment, let_in

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 40


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of ten people and chunks of a few lines; nobody is woken."""
    monkeypatch.setattr(member_rows, "BLOCK", 10)
    monkeypatch.setattr(jobs, "CHUNK", 100)
    monkeypatch.setattr(jobs.export_start, "subscribers", [])


@pytest.fixture
def people(segment: Segment) -> list[Profile]:
    return let_in(segment, [{"email": f"p{n:02}@example.com"} for n in range(PEOPLE)])


@pytest.fixture
def segment(account: Account) -> Segment:
    return add_segment(account)


@pytest.fixture
def export(segment: Segment, people: list[Profile], marketer: User) -> Export:
    return start(segment, ExportRequest(("id", "email")), user=marketer, at=now())


def content_of(export: Export) -> str:
    return b"".join(stored_files.pieces_of(export.pk)).decode()


def lines_of(export: Export) -> list[str]:
    return content_of(export).split("\r\n")[1:-1]


def _alone(act: Callable[[], object]) -> None:
    """Act on a connection of this thread, and close it."""
    act()
    connection.close()


@contextmanager
def meanwhile(
    monkeypatch: pytest.MonkeyPatch, after_rows: int, act: Callable[[], object]
) -> Iterator[None]:
    """Do something from elsewhere once so many rows of a file are stored."""
    plain = jobs._ChunkSink.write
    occasions: list[int] = []

    def write(sink: jobs._ChunkSink, content: bytes, /) -> int:
        if sink.rows_done >= after_rows and not occasions:
            occasions.append(sink.rows_done)
            other = threading.Thread(target=_alone, args=(act,))
            other.start()
            other.join()
        return plain(sink, content)

    monkeypatch.setattr(jobs._ChunkSink, "write", write)
    yield
    monkeypatch.setattr(jobs._ChunkSink, "write", plain)
    assert occasions


def test_a_worker_makes_the_file(export: Export, people: list[Profile]) -> None:
    assert export.status == ExportStatus.WAITING
    before = now()
    run_export(export.pk, now)
    export.refresh_from_db()
    assert export.status == ExportStatus.DONE
    assert lines_of(export) == [f"{p.pk},{p.email}" for p in people]
    assert (export.rows_done, export.rows_total) == (PEOPLE, PEOPLE)
    assert export.size == len(content_of(export))
    assert export.chunks.count() > 3
    assert export.as_of is not None
    assert export.finished is not None
    assert before <= export.as_of <= export.finished
    assert export.expires == export.finished + timedelta(days=7)
    assert export.people["members"] == PEOPLE


def test_a_file_is_made_once_however_many_are_told(export: Export) -> None:
    run_export(export.pk, now)
    first = Export.objects.values().get(pk=export.pk)
    run_export(export.pk, now)
    assert Export.objects.values().get(pk=export.pk) == first


def test_all_cells_are_of_the_instant_that_is_stated(
    export: Export, people: list[Profile], segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change() -> None:
        Profile.objects.update(email=None)
        Membership.objects.filter(profile__in=people[20:]).delete()
        let_in(segment, [{"email": "late@example.com"}])

    with meanwhile(monkeypatch, 10, change):
        run_export(export.pk, now)
    assert lines_of(export) == [f"{p.pk},{p.email}" for p in people]


def test_a_cancelled_export_stops_and_leaves_nothing(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    with meanwhile(monkeypatch, 10, lambda: jobs.cancel(export, at=now())):
        run_export(export.pk, now)
    export.refresh_from_db()
    assert export.status == ExportStatus.CANCELLED
    assert export.expires is None
    assert not ExportChunk.objects.exists()
    assert not ExportBlock.objects.exists()
    assert not jobs.cancel(export, at=now())
    run_export(export.pk, now)
    export.refresh_from_db()
    assert export.status == ExportStatus.CANCELLED


def test_what_a_killed_worker_left_is_begun_anew_with_a_new_instant(
    export: Export, people: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(sink: object, content: bytes, /) -> int:
        if getattr(sink, "rows_done", 0) >= 10:
            raise Killed
        return write(sink, content)  # type: ignore[arg-type]

    write = jobs._ChunkSink.write
    monkeypatch.setattr(jobs._ChunkSink, "write", die)
    with pytest.raises(Killed):
        run_export(export.pk, now)
    monkeypatch.setattr(jobs._ChunkSink, "write", write)
    export.refresh_from_db()
    assert export.status == ExportStatus.RUNNING
    assert export.chunks.exists()
    first = export.as_of
    Profile.objects.filter(pk=people[0].pk).update(email="new@example.com")
    soon, late = (now() + timedelta(seconds=s) for s in (30, 61))
    assert jobs.waiting_exports(soon) == []
    run_export(export.pk, lambda: soon)
    export.refresh_from_db()
    assert export.as_of == first
    assert jobs.waiting_exports(late) == [export.pk]
    run_export(export.pk, lambda: late)
    export.refresh_from_db()
    assert export.status == ExportStatus.DONE
    assert export.as_of is not None
    assert first is not None
    assert export.as_of > first
    assert len(lines_of(export)) == PEOPLE
    assert lines_of(export)[0].endswith("new@example.com")
    assert export.chunks.count() == max(export.chunks.values_list("number", flat=True)) + 1


def test_a_worker_that_was_only_slow_writes_nothing_more(
    export: Export, people: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_over() -> None:
        run_export(export.pk, lambda: now() + timedelta(seconds=90))

    with meanwhile(monkeypatch, 10, take_over):
        run_export(export.pk, now)
    export.refresh_from_db()
    assert export.status == ExportStatus.DONE
    assert lines_of(export) == [f"{p.pk},{p.email}" for p in people]
    assert export.tries == 2


def test_an_export_that_kills_its_workers_is_given_up(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(
        tries=jobs.TRIES, status=ExportStatus.RUNNING, error="out of memory"
    )
    run_export(export.pk, lambda: now() + timedelta(seconds=61))
    export.refresh_from_db()
    assert export.status == ExportStatus.FAILED
    assert "out of memory" in export.error


def test_a_column_that_is_gone_meanwhile_fails_with_its_name(
    segment: Segment, people: list[Profile]
) -> None:
    export = start(segment, ExportRequest(("email",)), user=None, at=now())
    Export.objects.update(request={**export.request, "columns": ["email", "Shoe size"]})
    run_export(export.pk, now)
    export.refresh_from_db()
    assert export.status == ExportStatus.FAILED
    assert "Shoe size" in export.error
    assert not ExportBlock.objects.exists()


def test_the_sweep_finds_what_lost_its_message(export: Export) -> None:
    assert jobs.waiting_exports(now()) == []
    later = now() + timedelta(seconds=61)
    assert jobs.waiting_exports(later) == [export.pk]
    assert jobs.waiting_exports(later) == []  # told again only after another while


def test_a_file_expires_and_its_history_stays(export: Export) -> None:
    run_export(export.pk, now)
    assert jobs.expire(now() + timedelta(days=6, hours=23)) == 0
    assert jobs.expire(now() + timedelta(days=7, seconds=1)) == 1
    export.refresh_from_db()
    assert export.status == ExportStatus.EXPIRED
    assert export.rows_done == PEOPLE
    assert not ExportChunk.objects.exists()
    assert not ExportBlock.objects.exists()


def test_nothing_of_an_erased_person_stays_in_a_file(
    export: Export, segment: Segment, people: list[Profile], account: Account
) -> None:
    run_export(export.pk, now)
    other = add_segment(account, "Others")
    let_in(other, [{"email": "other@example.com"}])
    unconcerned = start(other, ExportRequest(("email",)), user=None, at=now())
    run_export(unconcerned.pk, now)
    erase(account=account, profile_id=people[25].pk, at=now())
    export.refresh_from_db()
    unconcerned.refresh_from_db()
    assert export.status == ExportStatus.WITHDRAWN
    assert not ExportChunk.objects.filter(export=export).exists()
    assert unconcerned.status == ExportStatus.DONE
    assert "other@example.com" in content_of(unconcerned)


def test_a_person_who_was_merged_since_is_found_under_the_old_id(
    export: Export, people: list[Profile], account: Account
) -> None:
    run_export(export.pk, now)
    outsiders = [
        Profile.objects.create(account=account, external_id=name, created=now(), updated=now())
        for name in "ab"
    ]
    merge(account=account, keep_id=outsiders[0].pk, drop_id=people[7].pk, at=now())
    merge(account=account, keep_id=outsiders[1].pk, drop_id=outsiders[0].pk, at=now())
    erase(account=account, profile_id=outsiders[1].pk, at=now())
    export.refresh_from_db()
    assert export.status == ExportStatus.WITHDRAWN
    assert not ExportChunk.objects.exists()


def test_a_person_who_is_erased_while_the_file_is_made_is_not_in_it(
    export: Export, people: list[Profile], account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    wakes: list[int] = []
    monkeypatch.setattr(jobs.export_start, "subscribers", [wakes.append])
    erasure = lambda: erase(account=account, profile_id=people[3].pk, at=now())  # noqa: E731
    with meanwhile(monkeypatch, 30, erasure):
        run_export(export.pk, now)
    export.refresh_from_db()
    assert export.status == ExportStatus.WAITING
    assert wakes == [export.pk]
    run_export(export.pk, now)
    assert len(lines_of(export)) == PEOPLE - 1
    assert str(people[3].email) not in content_of(export)


def test_an_erasure_under_way_holds_up_the_snapshot(
    export: Export, people: list[Profile], account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither sees the other's rows: only taking turns keeps the person out of the file."""
    waits = threading.Event()
    plain = turns.take_turn

    def take_turn(account_id: int) -> None:
        waits.set()
        plain(account_id)

    with transaction.atomic():
        erase(account=account, profile_id=people[0].pk, at=now())
        monkeypatch.setattr("segments.exports.jobs.take_turn", take_turn)
        worker = threading.Thread(target=_alone, args=(lambda: run_export(export.pk, now),))
        worker.start()
        assert waits.wait(20)
        assert not ExportBlock.objects.exists()
    worker.join(20)
    export.refresh_from_db()
    assert export.status == ExportStatus.DONE
    assert str(people[0].email) not in content_of(export)


def test_a_segment_without_members_yet_is_refused(account: Account, marketer: User) -> None:
    segment = add_segment(account)
    segment.as_of = None
    with pytest.raises(Conflict, match="first time"):
        start(segment, ExportRequest(("email",)), user=marketer, at=now())


@pytest.mark.parametrize(
    ("request_", "pointer"),
    [
        (ExportRequest(()), "/columns"),
        (ExportRequest(("email", "nope")), "/columns/1"),
        (ExportRequest(("email",), format="pdf"), "/format"),
        (ExportRequest(("email",), delimiter="|"), "/delimiter"),
        (ExportRequest(("email",), decimal="'"), "/decimal"),
        (ExportRequest(("email",), language="tlh"), "/language"),
        (ExportRequest(("email",), reach="fax"), "/reach"),
        (ExportRequest(tuple(f"x{n}" for n in range(201))), "/columns"),
    ],
)
def test_what_cannot_be_exported_is_refused_at_its_place(
    segment: Segment, request_: ExportRequest, pointer: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        start(segment, request_, user=None, at=now())
    assert pointer in {problem.pointer for problem in refusal.value.problems}
    assert not Export.objects.exists()


def test_a_request_is_read_back_as_it_was() -> None:
    request = ExportRequest(("email", "city"), "xlsx", "sv", ";", ",", True, "email")
    assert request_from(request.as_json()) == request


def test_the_name_of_a_file_says_the_instant_and_nothing_that_breaks_a_system() -> None:
    at = datetime.fromisoformat("2026-03-01T12:00:05+01:00")
    segment = Segment(name='Åsa: "VIP"/..\\a\n?', key="Key123")
    name = file_name(segment, ExportRequest(("email",)), at)
    assert name == "Åsa VIP .. a 2026-03-01T11-00-05Z.csv"
    assert file_name(Segment(name="...", key="Key123"), ExportRequest(()), at).startswith("Key123 ")
