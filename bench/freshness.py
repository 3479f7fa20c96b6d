"""How soon an event is a membership: `.venv/bin/python -m bench freshness --profiles 20000`.

A whole instance (web, worker, beat, PostgreSQL with every commit on disk, Valkey) with 200 segments
over the made-up shop takes events over HTTP for 30 s at each rate: 20 a second one by one, the
rest in bulk requests of up to 40. Ten a second decide a membership, half of them in bulk. The time
runs from the instant at which the event was due to be sent, so that what has to wait for a sender
counts, until another session sees the membership committed; it looks every 20 ms. The senders and
the reader take their processor time from the same machine.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import Any

from bench.client import Client, Json, many_events, one_event
from bench.instance import Instance
from bench.own_process import figures_of, new_instance, tell

PEOPLE = {"small": 2_000, "demo": 20_000}
RATES = (100, 500)
SECONDS = 30.0
SEGMENTS = 200
SINGLE, BULK = 20, 40
"""Events a second that are sent one by one; most events of a bulk request."""
DECIDING = 10
"""Events a second that decide a membership."""
SENDERS = 12
LOOK_SECONDS = 0.02
DRAIN_SECONDS = 120.0
BUILD_SECONDS = 600.0
WARM_SECONDS = 5.0
METRICS = ("Placed Order", "Viewed Product", "Opened Email", "Clicked Email", "Started Checkout")


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit) for `people` people, measured in a process of its own."""
    return figures_of("bench.freshness", people)


@dataclass(frozen=True)
class Request:
    """Something to send when it is due (seconds from the start), and whom it makes a member."""

    due: float
    path: str
    document: Json
    deciding: Sequence[str]


@dataclass
class Run:
    """One rate: what was sent when it was due, and what the reader has seen. Monotonic seconds."""

    requests: Sequence[Request]
    due: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    refused: int = 0
    late: float = 0.0
    """The longest that a request waited for a sender."""
    lock: Lock = field(default_factory=Lock)
    taken: int = 0

    def next(self) -> Request | None:
        with self.lock:
            if self.taken == len(self.requests):
                return None
            self.taken += 1
            return self.requests[self.taken - 1]


def plan(rate: int, seconds: float, emails: Sequence[str], label: str) -> list[Request]:
    """The requests of a run, spread evenly over each second, each time the same."""
    dice = random.Random(rate)
    bulks = -(-(rate - SINGLE) // BULK)
    requests: list[Request] = []
    for second in range(int(seconds)):
        deciders = [f"{label}-{second}-{n}" for n in range(DECIDING)]
        alone = deciders[: DECIDING // 2]
        for n in range(SINGLE):
            decides = alone[n * len(alone) // SINGLE] if n % (SINGLE // len(alone)) == 0 else None
            event = _event(dice, emails, f"{label}-s-{second}-{n}", decides)
            due = second + (n + 0.5) / SINGLE
            requests.append(Request(due, *one_event(event), [decides] if decides else []))
        together = deciders[DECIDING // 2 :]
        for n in range(bulks):
            size = (rate - SINGLE) * (n + 1) // bulks - (rate - SINGLE) * n // bulks
            mine = together[n * len(together) // bulks : (n + 1) * len(together) // bulks]
            events = [
                _event(
                    dice, emails, f"{label}-b-{second}-{n}-{i}", mine[i] if i < len(mine) else None
                )
                for i in range(size)
            ]
            requests.append(Request(second + (n + 0.25) / bulks, *many_events(events), mine))
    return sorted(requests, key=lambda request: request.due)


def _event(dice: random.Random, emails: Sequence[str], unique_id: str, decides: str | None) -> Json:
    who = {"external_id": decides} if decides else {"email": dice.choice(emails)}
    return {
        "metric": "Decided" if decides else dice.choice(METRICS),
        "value": round(dice.expovariate(1 / 40), 2),
        "unique_id": unique_id,
        "properties": {"Category": dice.choice(["Tea", "Coffee"]), "First": dice.random() < 0.1},
        "profile": who,
    }


def send(run: Run, instance: Instance, secret: str, started: float) -> None:
    """Send what is due until nothing is left. One of several threads."""
    client = Client(instance.address, secret, seconds=60.0)
    while (request := run.next()) is not None:
        wait = started + request.due - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        run.late = max(run.late, -wait)
        for who in request.deciding:
            run.due[who] = started + request.due
        try:
            status, body = client.post(request.path, request.document)
        except OSError as error:
            status, body = 0, repr(error).encode()
        if status != 202 or body:
            run.refused += 1
            print(f"{status}: {body[:200]!r}", file=sys.stderr)
    client.close()


def read(run: Run, segment_id: int, expected: int) -> None:
    """Note when each membership is there, until all are or it takes too long."""
    # This needs the settings.
    from django.db import connection  # noqa: PLC0415

    ends = time.monotonic() + run.requests[-1].due + DRAIN_SECONDS
    while len(run.seen) < expected and time.monotonic() < ends:
        missing = [who for who in list(run.due) if who not in run.seen]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.external_id FROM segments_membership m"
                " JOIN profiles_profile p ON p.id = m.profile_id"
                " WHERE m.segment_id = %s AND p.external_id = ANY(%s)",
                [segment_id, missing],
            )
            at = time.monotonic()
            run.seen |= {who: at for (who,) in cursor.fetchall()}
        time.sleep(LOOK_SECONDS)
    connection.close()


def freshness(instance: Instance, secret: str, segment_id: int, requests: Sequence[Request]) -> Run:
    """Send and read at the same time; return when all is seen."""
    run = Run(requests)
    expected = sum(len(request.deciding) for request in requests)
    started = time.monotonic() + 0.5
    threads = [Thread(target=send, args=(run, instance, secret, started)) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    read(run, segment_id, expected)
    for thread in threads:
        thread.join()
    if run.refused or len(run.seen) < expected:
        raise AssertionError(
            f"{run.refused} refused; {len(run.seen)} of {expected} memberships seen"
        )
    return run


def set_up(people: int) -> tuple[str, int, list[str]]:
    """Fill the shop and have its segments built; return the key, the segment that is decided and
    the addresses of those who are known."""
    # These need the settings.
    from bench.preview import fill_shop  # noqa: PLC0415
    from bench.shop_segments import definitions  # noqa: PLC0415
    from profiles import changes  # noqa: PLC0415
    from profiles.ingest.store import ingest_events  # noqa: PLC0415
    from profiles.models import Profile  # noqa: PLC0415
    from segmenter.accounts.models import create_account, create_api_key  # noqa: PLC0415
    from segmenter.kernel.clock import now  # noqa: PLC0415
    from segments.engine.editing import save_segment  # noqa: PLC0415
    from segments.engine.queries import resolve_names  # noqa: PLC0415
    from segments.models import Segment, SegmentStatus  # noqa: PLC0415

    changes.profile_change.subscribers.clear()  # what follows from these is not measured
    account = create_account(slug="bench", time_zone="Europe/Stockholm")
    secret = create_api_key(account=account, name="bench")[1]
    fill_shop(account, people)
    first = {
        "metric": "Decided",
        "time": datetime(2026, 1, 1, tzinfo=UTC),
        "unique_id": "first",
        "profile": {"external_id": "the-first"},
    }
    ingest_events(account=account, records=[first], at=now())
    decided: Any = {"condition_groups": [{"conditions": [_DECIDED]}]}
    for number, definition in enumerate([decided, *definitions(SEGMENTS - 1)]):
        save_segment(
            account=account,
            user=None,
            name=f"Segment {number}",
            definition=resolve_names(account, definition),
            at=now(),
        )
    deadline = time.monotonic() + BUILD_SECONDS
    while Segment.objects.exclude(status=SegmentStatus.READY).exists():
        if time.monotonic() > deadline:
            raise AssertionError("the segments were not built")
        time.sleep(0.2)
    with_email = Profile.objects.filter(account=account).exclude(email=None)
    emails = [email for email in with_email.values_list("email", flat=True) if email is not None]
    return secret, Segment.objects.get(name="Segment 0").pk, emails


_DECIDED = {
    "type": "profile-metric",
    "metric": "Decided",
    "measurement": "count",
    "measurement_filter": {"type": "numeric", "operator": "greater-than-or-equal", "value": 1},
    "timeframe_filter": {"type": "date", "operator": "alltime"},
}


def main() -> int:
    """Print one line of JSON for each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.freshness", description=__doc__)
    parser.add_argument("--profiles", type=int, default=PEOPLE["demo"])
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rates", type=int, nargs="+", default=list(RATES))
    options = parser.parse_args()
    with new_instance() as instance:
        began = time.monotonic()
        secret, segment_id, emails = set_up(options.profiles)
        tell(
            f"shop of {options.profiles:,} people filled, {SEGMENTS} segments built",
            time.monotonic() - began,
            "s",
        )
        warm = plan(options.rates[0], WARM_SECONDS, emails, "warm")
        freshness(instance, secret, segment_id, warm)
        for rate in options.rates:
            run = freshness(
                instance, secret, segment_id, plan(rate, options.seconds, emails, f"r{rate}")
            )
            for name, figure, unit in _figures(run):
                tell(f"event to membership, {rate} events/s: {name}", figure, unit)
    return 0


def _figures(run: Run) -> Iterator[tuple[str, float, str]]:
    delays = sorted((run.seen[who] - run.due[who]) * 1000 for who in run.seen)
    for percent in (50, 95, 99):
        yield f"p{percent}", delays[min(len(delays) * percent // 100, len(delays) - 1)], "ms"
    yield "slowest", delays[-1], "ms"
    yield "longest wait for a sender", run.late * 1000, "ms"


if __name__ == "__main__":
    os.environ.setdefault("SEGMENTER_LOG_LEVEL", "WARNING")
    sys.exit(main())
