"""Imports from the browser: uploaded into rows, run by a worker, taken over when it dies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from profiles.imports import blocks, jobs, run
from profiles.imports.form import fill, suggest
from profiles.imports.jobs import JobSource, LeaseLost, claim, discard_old, run_job, waiting_jobs
from profiles.imports.layout import detect_layout
from profiles.imports.run import first_block
from profiles.ingest.store import ingest_events
from profiles.models import Event, ImportChunk, ImportJob, ImportStatus, Profile
from segmenter.accounts.models import Account, User

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS = 25
FILE = "who,when,total\n" + "".join(
    f"c{i % 7},2026-02-{1 + i:02},{'broken' if i in (3, 17) else i}\n" for i in range(ROWS)
)


class Killed(BaseException):
    """What a worker feels of kill -9: nothing runs any more."""


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def after(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "read_blocks", partial(blocks.read_blocks, rows=5))


MakeJob = Callable[..., ImportJob]


@pytest.fixture
def make_job(account: Account) -> MakeJob:
    def make(content: str = FILE, **answers: str) -> ImportJob:
        job = ImportJob.objects.create(
            account=account,
            kind="events",
            file_name="orders.csv",
            bytes_total=len(content),
            status=ImportStatus.MAPPING,
            created=NOON,
        )
        for number, start in enumerate(range(0, len(content), 100)):
            part = content[start : start + 100].encode()
            ImportChunk.objects.create(job=job, part="file", number=number, content=part)
        source = JobSource(job)
        layout = detect_layout(source)
        form = suggest("events", layout, first_block(source, layout), zone="UTC")
        mapping = {"metric": "Placed Order", "target-0": "external_id", "target-1": "time"}
        form = fill(form, {**mapping, "target-2": "value", **answers})
        assert form.is_valid
        settings_text = jobs.write_settings(layout, form.plan(), metric=form.metric, zone=form.zone)
        jobs.start(job, settings_text, user=None, at=NOON)
        return job

    return make


def run_until_killed(
    job: ImportJob, clock: Clock, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Run a job with a worker that dies while it stores the batch of this number, from 1."""
    calls = iter(range(1, 1_000))
    real = run.store

    def store(*args: object, **kwargs: object) -> run.BatchResult:
        count = real(*args, **kwargs)  # type: ignore[arg-type]
        if next(calls) == number:
            raise Killed
        return count

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "store", store)
        with pytest.raises(Killed):
            run_job(job.pk, clock)


def counts(job: ImportJob) -> tuple[str, int, int, int]:
    job.refresh_from_db()
    return job.status, job.accepted, job.unchanged, job.rejected


def test_a_job_runs_to_its_end(make_job: MakeJob, clock: Clock) -> None:
    job = make_job()
    run_job(job.pk, clock)
    assert counts(job) == ("done", 23, 0, 2)
    assert job.bytes_read == job.bytes_total
    assert job.finished == NOON
    assert Event.objects.count() == 23
    assert not ImportChunk.objects.filter(part="file").exists()
    text = b"".join(jobs.rejected_rows(job)).decode("utf-8-sig")
    assert [line.split(",")[0] for line in text.splitlines()] == ["line", "5", "19"]


def test_the_same_file_again_changes_nothing(make_job: MakeJob, clock: Clock) -> None:
    run_job(make_job().pk, clock)
    second = make_job()
    run_job(second.pk, clock)
    assert counts(second) == ("done", 0, 23, 2)


def test_a_killed_worker_s_job_is_taken_over_where_it_was(
    make_job: MakeJob, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()
    run_until_killed(job, clock, monkeypatch, 3)
    assert counts(job) == ("running", 9, 0, 1)
    assert Event.objects.count() == 9
    assert waiting_jobs(clock.after(59)) == []
    run_job(job.pk, clock)
    assert counts(job)[0] == "running"
    assert waiting_jobs(clock.after(1)) == [job.pk]
    run_job(job.pk, clock)
    assert counts(job) == ("done", 23, 0, 2)
    assert Event.objects.count() == 23
    assert b"".join(jobs.rejected_rows(job)).count(b"not a number") == 2


@pytest.mark.parametrize("row_in_batches", [5, 7], ids=["same batches", "other batches"])
def test_who_takes_over_counts_equal_rows_from_the_beginning(
    make_job: MakeJob, clock: Clock, monkeypatch: pytest.MonkeyPatch, row_in_batches: int
) -> None:
    rows = [f"{1 + i % 3},2026-02-01,{i % 2}\n" for i in range(ROWS)]
    job = make_job("who,when,total\n" + "".join(rows))
    run_until_killed(job, clock, monkeypatch, 3)
    clock.after(60)
    monkeypatch.setattr(run, "read_blocks", partial(blocks.read_blocks, rows=row_in_batches))
    run_job(job.pk, clock)
    assert counts(job) == ("done", ROWS, 0, 0)
    assert Event.objects.count() == ROWS
    again = make_job("who,when,total\n" + "".join(reversed(rows)))
    run_job(again.pk, clock)
    assert counts(again) == ("done", 0, ROWS, 0)


def test_a_worker_that_wakes_up_late_changes_nothing(make_job: MakeJob, clock: Clock) -> None:
    job = make_job()
    late = claim(job.pk, clock())
    assert late is not None
    assert claim(job.pk, clock.after(59)) is None
    assert claim(job.pk, clock.after(1)) is not None
    job.refresh_from_db()
    batch, misfits = next(run.batches(jobs.import_of(job)))
    with pytest.raises(LeaseLost):
        jobs._store_batch(job, late, batch, misfits, clock.after(1))
    assert not Event.objects.exists()
    assert not Profile.objects.exists()
    assert counts(job) == ("running", 0, 0, 0)


def test_reading_far_into_a_file_keeps_the_lease(make_job: MakeJob, clock: Clock) -> None:
    job = make_job()
    lease = claim(job.pk, clock())
    assert lease is not None
    source = JobSource(job, on_chunk=lambda: lease.renew_if_due(clock.after(6)))
    assert source.open().read() == FILE.encode()
    job.refresh_from_db()
    assert job.heartbeat is not None
    assert clock() - job.heartbeat < timedelta(seconds=12)


def test_a_stopped_job_stops_and_can_go_on(make_job: MakeJob, clock: Clock) -> None:
    job = make_job()

    def somebody_stops_it() -> datetime:
        if Event.objects.exists():
            jobs.stop(job, message="Stopped by Anna.", at=clock())
        return clock.after(1)

    run_job(job.pk, somebody_stops_it)
    assert counts(job) == ("failed", 4, 0, 1)
    assert Event.objects.count() == 4
    assert job.error == "Stopped by Anna."
    assert not jobs.stop(job, message="Twice.", at=clock())
    jobs.start(job, job.settings, user=None, at=clock())
    run_job(job.pk, clock)
    assert counts(job) == ("done", 23, 0, 2)


def test_a_job_that_kills_every_worker_is_given_up(
    make_job: MakeJob, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()
    for _ in range(jobs.TRIES):
        run_until_killed(job, clock, monkeypatch, 1)
        clock.after(60)
    run_job(job.pk, clock)
    assert counts(job)[0] == "failed"
    assert "Given up after 5 tries" in job.error


def test_what_went_wrong_is_told_when_a_job_is_given_up(
    make_job: MakeJob, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()

    def store(*args: object, **kwargs: object) -> run.BatchResult:
        raise RuntimeError("the moon is full")

    monkeypatch.setattr(jobs, "store", store)
    for _ in range(jobs.TRIES):
        with pytest.raises(RuntimeError):
            run_job(job.pk, clock)
        clock.after(60)
    run_job(job.pk, clock)
    job.refresh_from_db()
    assert job.error.endswith("RuntimeError: the moon is full.")


def test_a_row_that_cannot_be_stored_is_set_aside_alone(
    make_job: MakeJob, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ingest_events

    def ingest(**kwargs: object) -> object:
        records = kwargs["records"]
        assert isinstance(records, list)
        if any(record.value == 11 for record in records):
            raise TypeError("poison")
        return real(**kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "ingest_events", ingest)
    job = make_job()
    run_job(job.pk, clock)
    assert counts(job) == ("done", 22, 0, 3)
    assert b"13,The row cannot be stored: poison" in b"".join(jobs.rejected_rows(job))


def test_an_unreadable_rest_fails_with_the_reason(make_job: MakeJob, clock: Clock) -> None:
    job = make_job()
    job.settings["layout"]["encoding"] = "utf-16"
    job.save()
    run_job(job.pk, clock)
    assert counts(job)[0] == "failed"
    assert "not written in UTF-16" in job.error


def test_a_lost_message_is_sent_again(make_job: MakeJob, clock: Clock) -> None:
    job = make_job()
    assert waiting_jobs(clock.after(59)) == []
    assert waiting_jobs(clock.after(1)) == [job.pk]
    assert waiting_jobs(clock.after(1)) == []


def test_old_files_are_dropped(make_job: MakeJob, clock: Clock, marketer: User) -> None:
    done, failed = make_job(), make_job()
    run_job(done.pk, clock)
    jobs.stop(failed, message="Stopped.", at=clock())
    upload = {"account": done.account, "status": ImportStatus.MAPPING, "created": NOON}
    ImportJob.objects.create(**upload, settings={"uploading": True}, heartbeat=NOON)
    forgotten = ImportJob.objects.create(**upload, user=marketer)
    discard_old(clock.after(9 * 60))
    assert ImportJob.objects.count() == 4
    discard_old(clock.after(2 * 60))
    assert set(ImportJob.objects.all()) == {done, failed, forgotten}
    assert ImportChunk.objects.filter(job=failed, part="file").exists()
    discard_old(clock.after(30 * 86_400))
    assert set(ImportJob.objects.all()) == {done, failed}
    assert not ImportChunk.objects.exists()
