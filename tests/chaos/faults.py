"""What is killed, and how long it takes until the service is whole again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from random import Random

import redis
from django.db import DatabaseError, InterfaceError, connection

from bench.client import Client, one_event
from bench.instance import Instance, children, command, family
from tests.chaos import shop
from tests.chaos.clock import jump, true_now

PATIENCE = 60.0
"""Seconds after which service counts as gone for good."""
PART_SECONDS = 15.0
"""How long we wait for a part that was killed before, to kill it again."""
_dice = Random(5)


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong. `strike` returns once it has."""

    name: str
    strike: Callable[[Instance], None]
    part: str = ""
    """Whose main process dies of it."""
    lasts: bool = False
    """Whether it lasts until `strike` returns, so that recovery begins only then."""


def _kill(pids: Sequence[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _pid(instance: Instance, part: str) -> int:
    """Its main process, once it has come back from the fault before."""
    deadline = time.monotonic() + PART_SECONDS
    while True:
        try:
            return instance.pid(part)
        except LookupError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _all_of(part: str) -> Callable[[Instance], None]:
    return lambda instance: _kill(family(_pid(instance, part)))


def _main_of(part: str) -> Callable[[Instance], None]:
    return lambda instance: _kill([_pid(instance, part)])


def _one_of(part: str, mark: str = "") -> Callable[[Instance], None]:
    def strike(instance: Instance) -> None:
        deadline = time.monotonic() + PART_SECONDS
        while time.monotonic() < deadline:
            processes = [p for p in children(_pid(instance, part)) if mark in " ".join(command(p))]
            if processes:
                _kill([_dice.choice(processes)])
                return
            time.sleep(0.02)
        raise LookupError(f"{part} has no child {mark!r}")

    return strike


def _flush(instance: Instance) -> None:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as valkey:
        valkey.flushall()


def _mirror(instance: Instance) -> Path:
    return instance.data.path / "mirror"


def _damage_a_file(instance: Instance) -> None:
    """Another file of the same size and name in place of the mirror's largest."""
    files = sorted(_mirror(instance).rglob("*.arrow"), key=lambda path: path.stat().st_size)
    for path in files[-1:]:
        rubbish = path.with_suffix(".rubbish")
        rubbish.write_bytes(_dice.randbytes(path.stat().st_size))
        rubbish.rename(path)


def _lose_the_mirror(instance: Instance) -> None:
    shutil.rmtree(_mirror(instance), ignore_errors=True)


FAULTS = (
    Fault("web", _all_of("web"), "web"),
    Fault("worker", _all_of("worker"), "worker"),
    Fault("beat", _all_of("beat"), "beat"),
    Fault("Valkey", _all_of("valkey"), "valkey"),
    Fault("Valkey, FLUSHALL", _flush),
    Fault("PostgreSQL", _all_of("postgres"), "postgres"),
    Fault("the mirror, a file", _damage_a_file),
    Fault("the mirror, all of it", _lose_the_mirror),
    Fault("web, one of its processes", _one_of("web")),
    Fault("worker, one of its processes", _one_of("worker")),
    Fault("PostgreSQL, one of its sessions", _one_of("postgres", "postgres: segmenter")),
    Fault("web, its first process", _main_of("web"), "web"),
    Fault("worker, its first process", _main_of("worker"), "worker"),
    Fault("PostgreSQL, its first process", _main_of("postgres"), "postgres"),
    Fault("the clock, 6 h ahead and back", jump(timedelta(hours=6)), lasts=True),
    Fault("the clock, 400 days ahead and back", jump(timedelta(days=400)), lasts=True),
    Fault("the clock, 6 h back and ahead", jump(timedelta(hours=-6)), lasts=True),
)
"""Each with kill -9, except for what says otherwise."""


@dataclass(frozen=True)
class Recovery:
    """Seconds from a fault to an answer of 2xx, and to the membership that follows from it."""

    fault: str
    answered: float
    followed: float


def _is_replaced(instance: Instance, part: str, before: int) -> bool:
    try:
        return instance.pid(part) != before
    except LookupError:
        return False


class Prober:
    """Sends events of people nobody has seen and waits for them to be members."""

    def __init__(self, address: str, secret: str, segment_id: int) -> None:
        self.client = Client(address, secret, seconds=2.0)
        self.segment_id = segment_id
        self.sent: dict[str, str] = {}
        """Acknowledged: unique_id to person."""
        self._count = 0

    def strike(self, instance: Instance, fault: Fault) -> Recovery:
        """Let it happen and measure. Infinite where service never came back.

        What answers before the part that was killed has a new process, is what is left of the
        old one, and does not count.
        """
        before = _pid(instance, fault.part) if fault.part else 0
        struck = time.monotonic()
        fault.strike(instance)
        struck = time.monotonic() if fault.lasts else struck
        answered = followed = float("inf")
        while time.monotonic() < struck + PATIENCE:
            if fault.part and not _is_replaced(instance, fault.part, before):
                time.sleep(0.02)
                continue
            who = self._send()
            if who is not None:
                answered = time.monotonic() - struck
                break
            time.sleep(0.02)
        while answered < PATIENCE and time.monotonic() < struck + PATIENCE:
            if self._is_member(who):
                followed = time.monotonic() - struck
                break
            time.sleep(0.02)
        return Recovery(fault.name, answered, followed)

    def _send(self) -> str | None:
        self._count += 1
        who = f"probe-{self._count}"
        event = shop.event(_dice, who, "Probe", true_now(), who)
        try:
            status, _body = self.client.post(*one_event(event))
        except (OSError, HTTPException):
            return None
        if status >= 300:
            return None
        self.sent[who] = who
        return who

    def _is_member(self, who: str | None) -> bool:
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT EXISTS (SELECT FROM segments_membership m"
                    " JOIN profiles_profile p ON p.id = m.profile_id"
                    " WHERE m.segment_id = %s AND p.external_id = %s)",
                    [self.segment_id, who],
                )
                return bool(cursor.fetchone()[0])
        except (DatabaseError, InterfaceError):
            connection.close()
            return False
