"""Signs of life: the rows, the thread that writes them, and a real worker and beat."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from segmenter.embedded.leases import Lease
from segments.health import heartbeats
from segments.health.heartbeats import HeartbeatThread
from segments.models import Heartbeat
from tests.embedded.conftest import eventually
from tests.fixtures.cast import AT

MINUTE = timedelta(minutes=1)


@pytest.mark.django_db
def test_a_process_has_one_row_that_moves_on() -> None:
    heartbeats.write_heartbeat("worker@a:1", kind="worker", started=AT, at=AT)
    heartbeats.write_heartbeat("worker@a:1", kind="worker", started=AT, at=AT + MINUTE)
    heartbeats.write_heartbeat("beat@a:2", kind="beat", started=AT, at=AT)
    rows = Heartbeat.objects.order_by("process").values_list("process", "kind", "started", "at")
    assert list(rows) == [
        ("beat@a:2", "beat", AT, AT),
        ("worker@a:1", "worker", AT, AT + MINUTE),
    ]
    heartbeats.delete_heartbeat("beat@a:2")
    assert [row.process for row in Heartbeat.objects.all()] == ["worker@a:1"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("silence", "is_alive"), [(-5, True), (0, True), (45, True), (45.001, False), (86_400, False)]
)
def test_who_is_silent_for_long_is_taken_for_dead(silence: float, is_alive: bool) -> None:
    heard = AT - timedelta(seconds=silence)
    heartbeats.write_heartbeat("worker@a:1", kind="worker", started=heard, at=heard)
    (state,) = heartbeats.process_states(AT)
    assert (state.is_alive, state.host) == (is_alive, "a:1")
    assert state.silence == timedelta(seconds=max(silence, 0))


@pytest.mark.django_db
def test_who_was_heard_in_the_future_is_not_alive_for_hours_after_the_clock_went_back() -> None:
    heard = AT + timedelta(hours=6)
    heartbeats.write_heartbeat("worker@a:1", kind="worker", started=heard, at=heard)
    (state,) = heartbeats.process_states(AT)
    assert (state.is_alive, state.silence) == (False, timedelta(hours=6))
    heartbeats.write_heartbeat("worker@a:2", kind="worker", started=AT, at=AT + timedelta(days=400))
    heartbeats.write_heartbeat("worker@a:3", kind="worker", started=AT, at=AT)
    assert [one.process for one in heartbeats.process_states(AT)] == ["worker@a:3"]


@pytest.mark.django_db
def test_who_is_silent_for_a_day_is_forgotten() -> None:
    day = timedelta(days=1)
    heartbeats.write_heartbeat("worker@a:1", kind="worker", started=AT, at=AT)
    heartbeats.write_heartbeat("worker@b:1", kind="worker", started=AT, at=AT + day)
    assert Heartbeat.objects.count() == 2
    heartbeats.write_heartbeat("worker@b:1", kind="worker", started=AT, at=AT + day + MINUTE)
    assert [row.process for row in Heartbeat.objects.all()] == ["worker@b:1"]


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = AT

    def __call__(self) -> datetime:
        return self.time

    def steady(self) -> float:
        return (self.time - AT).total_seconds()


@pytest.mark.django_db
def test_a_loop_that_does_not_turn_has_no_pulse() -> None:
    clock = Clock()
    pulse = HeartbeatThread("worker", clock, clock.steady)

    def heard() -> list[datetime]:
        pulse.beat()
        return list(Heartbeat.objects.values_list("at", flat=True))

    assert heard() == [AT]
    clock.time = AT + timedelta(seconds=30)
    assert heard() == [clock.time]
    clock.time = AT + timedelta(seconds=31)
    assert heard() == [AT + timedelta(seconds=30)]
    pulse.turned()
    assert heard() == [clock.time]


@pytest.mark.django_db(transaction=True)
def test_without_the_database_it_says_so_once_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pulse = HeartbeatThread("worker", Clock())

    def away(*_: object, **__: object) -> None:
        raise OperationalError("connection refused\nIs the server running?")

    with caplog.at_level(logging.WARNING, "segments.health.heartbeats"):
        for _ in range(2):
            with monkeypatch.context() as patch:
                patch.setattr(connection, "cursor", away)
                pulse.beat()
                pulse.beat()
            pulse.beat()
    assert [record.getMessage() for record in caplog.records] == [
        f"The heartbeat of {pulse.process} cannot be written: connection refused"
    ] * 2
    assert Heartbeat.objects.get().at == AT


@pytest.mark.django_db(transaction=True)
def test_the_thread_writes_until_it_is_told_to_end_and_takes_its_row_along() -> None:
    pulse = HeartbeatThread("beat")
    pulse.start()
    eventually(Heartbeat.objects.exists)
    assert Heartbeat.objects.get().process == pulse.process
    pulse.end()
    assert not pulse.is_alive()
    assert not Heartbeat.objects.exists()


def test_neither_tests_nor_commands_nor_web_processes_have_a_pulse() -> None:
    assert heartbeats._threads == []


# --- real processes ------------------------------------------------------------------------------

Start = Callable[..., subprocess.Popen[bytes]]
START = 90.0
"""Seconds that a program may take to start or end on a busy machine."""


@pytest.fixture
def start(broker: Lease, tmp_path: Path) -> Iterator[Start]:
    """Start Celery's programs on this test's database; all of them are gone afterwards."""
    database = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    url = f"postgresql://{database['USER']}@/{name}?host={database['HOST']}&port={database['PORT']}"
    environment = os.environ | broker.environment() | {"DATABASE_URL": url}
    started: list[subprocess.Popen[bytes]] = []

    def celery(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "segmenter.celery", *arguments]
        with (tmp_path / f"{arguments[0]}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield celery
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def heard(kind: str) -> Heartbeat | None:
    return Heartbeat.objects.filter(kind=kind).first()


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_and_beat_are_heard_and_end_when_told(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = start("worker", "--concurrency", "1", "--without-gossip", "--without-mingle")
    beat = start("beat", "--pidfile", "", "--schedule", str(tmp_path / "schedule"))
    monkeypatch.setattr("tests.embedded.conftest.PATIENCE", START)
    for kind in ("worker", "beat"):
        eventually(partial(heard, kind))
    for process, kind in ((worker, "worker"), (beat, "beat")):
        row = heard(kind)
        assert row is not None
        assert row.process.startswith(f"{kind}@")
        assert row.process.endswith(f":{process.pid}")
        process.send_signal(signal.SIGTERM)
    for process in (worker, beat):
        process.wait(timeout=START)
    assert not Heartbeat.objects.exists()
