"""Heartbeats of workers and beat: a row each, written while the main loop of the process runs.

A process that cannot reach PostgreSQL continues to work without a heartbeat; nothing waits for it.
"""

from __future__ import annotations

import atexit
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from celery import signals
from django.db import Error, connection

from segmenter.kernel.clock import elapsed, now
from segments.models import Heartbeat

EVERY = timedelta(seconds=10)
"""The interval between heartbeats."""
LATE = timedelta(seconds=45)
"""A process without a heartbeat for longer counts as dead: a few may fail, not all."""
RETENTION = timedelta(days=1)
STALLED = timedelta(seconds=30)
"""A main loop that has not run for this long writes no heartbeat, though its process lives."""
REMOVAL_TIMEOUT = timedelta(seconds=2)
"""How long an ending process waits for the removal of its row."""

log = logging.getLogger(__name__)


# --- rows ----------------------------------------------------------------------------------------


def write_heartbeat(process: str, *, kind: str, started: datetime, at: datetime) -> None:
    """Store that a process is alive at `at`; delete processes without a heartbeat for a day."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(process=process, kind=kind, started=started, at=at)],
        update_conflicts=True,
        unique_fields=["process"],
        update_fields=["kind", "started", "at"],
    )
    Heartbeat.objects.exclude(at__gte=at - RETENTION, at__lte=at + RETENTION).delete()


def delete_heartbeat(process: str) -> None:
    """Delete the row of a process that ends in order."""
    Heartbeat.objects.filter(process=process).delete()


@dataclass(frozen=True)
class ProcessState:
    """The state of a process at one moment."""

    process: str
    kind: str
    started: datetime
    last: datetime
    silence: timedelta
    """The time since the last heartbeat, not negative: clocks of two hosts may differ a little. A
    heartbeat far in the future was written before the clock went back, and none since."""

    @property
    def is_alive(self) -> bool:
        return self.silence <= LATE

    @property
    def host(self) -> str:
        """Its host and process number."""
        return self.process.partition("@")[2] or self.process


def process_states(at: datetime) -> list[ProcessState]:
    """Return all processes by kind, the latest heartbeat first."""
    return [
        ProcessState(
            process=row.process,
            kind=row.kind,
            started=row.started,
            last=row.at,
            silence=row.at - at if row.at - at > LATE else max(at - row.at, timedelta()),
        )
        for row in Heartbeat.objects.filter(at__gte=at - RETENTION).order_by(
            "kind", "-at", "process"
        )
    ]


# --- writing them --------------------------------------------------------------------------------


class HeartbeatThread(Thread):
    """Writes this process's heartbeat in a thread, as long as the main loop runs (`turned`).

    Each beat opens and closes a connection of its own: the parent of the worker processes forks,
    and a connection that two processes share is broken for both.
    """

    def __init__(
        self,
        kind: str,
        clock: Callable[[], datetime] = now,
        steady: Callable[[], float] = elapsed,
    ) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.process = f"{kind}@{socket.gethostname()}:{os.getpid()}"
        self.kind = kind
        self._clock = clock
        self._steady = steady
        self._began = clock()
        self._turned = steady()
        self._owner = os.getpid()
        self._ending = Event()
        self._is_failing = False

    def turned(self) -> None:
        """Record that the main loop has run."""
        self._turned = self._steady()

    def run(self) -> None:
        while not self._ending.is_set():
            self.beat()
            connection.close()
            self._ending.wait(EVERY.total_seconds())
        self._safely(lambda: delete_heartbeat(self.process))
        connection.close()

    def beat(self) -> None:
        """Write once; never raises. A failure is logged once, until it works again."""
        if self._steady() - self._turned <= STALLED.total_seconds():
            self._safely(self._write)

    def _write(self) -> None:
        write_heartbeat(self.process, kind=self.kind, started=self._began, at=self._clock())

    def end(self) -> None:
        """Stop, and wait shortly for the removal of the row. Does nothing in a forked child."""
        if os.getpid() == self._owner and self.is_alive():
            self._ending.set()
            self.join(REMOVAL_TIMEOUT.total_seconds())

    def _safely(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (Error, OSError) as error:
            if not self._is_failing:
                message = str(error).strip().partition("\n")[0]
                log.warning("The heartbeat of %s cannot be written: %s", self.process, message)
            self._is_failing = True
        else:
            self._is_failing = False


_threads: list[HeartbeatThread] = []
"""Of this process, if it is a worker or beat."""


def _begin(kind: str) -> None:
    if _threads:
        return
    pulse = HeartbeatThread(kind)
    _threads.append(pulse)
    pulse.start()
    atexit.register(pulse.end)


@signals.worker_ready.connect
def worker_begins(**_: Any) -> None:
    """Start the heartbeat of a worker's parent process, which now takes tasks."""
    _begin("worker")


@signals.beat_init.connect
def beat_begins(**_: Any) -> None:
    _begin("beat")


@signals.heartbeat_sent.connect
@signals.after_task_publish.connect
def _turned(**_: Any) -> None:
    """A worker's loop sends a signal every two seconds, beat's when it publishes a task."""
    for pulse in _threads:
        pulse.turned()


@signals.worker_shutdown.connect
def _ends(**_: Any) -> None:
    for pulse in _threads:
        pulse.end()
