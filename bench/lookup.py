"""How soon a program learns in which segments a person is: `python -m bench lookup`.

A whole instance (web, worker, beat, PostgreSQL with every commit on disk, Valkey) with 200
segments, 20 of which each person is in. A program with a key asks for one person after the other,
200 times a second over kept connections. The time runs from the instant at which a request was
due, so that what has to wait for a connection counts. The program takes its processor time from the
same machine. At the end the key is revoked: the next request must be refused.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from threading import Thread

from bench.client import Client
from bench.own_process import figures_of, new_instance, tell
from bench.parts import Target

PEOPLE = {"small": 2_000, "demo": 50_000}
SEGMENTS, OF_A_PERSON = 200, 20
RATE = 200
SECONDS, WARM_SECONDS = 30.0, 10.0
CONNECTIONS = 8
NAME = f"segments of a person who is in {OF_A_PERSON}, {RATE} requests/s"
TARGETS = {f"{NAME}: p99": Target(most=10.0)}


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit) for `people` people, measured in a process of its own."""
    return figures_of("bench.lookup", people)


class Asking:
    """Requests that are due at a steady rate, and how many seconds after that each was answered."""

    def __init__(self, address: str, secret: str, ids: Sequence[int], seconds: float) -> None:
        dice = random.Random(RATE)
        self.address, self.secret = address, secret
        self.ids = dice.choices(ids, k=int(seconds * RATE))
        self.taken: list[float] = []
        self.bytes = 0

    def run(self) -> None:
        """Ask until all is answered. Raises AssertionError if anything was refused or wrong."""
        started = time.perf_counter() + 0.2
        threads = [Thread(target=self._ask, args=(started, first)) for first in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(self.taken) < len(self.ids):
            raise AssertionError(f"{len(self.taken)} of {len(self.ids)} requests were answered")

    def _ask(self, started: float, first: int) -> None:
        client = Client(self.address, self.secret)
        for place in range(first, len(self.ids), CONNECTIONS):
            due = started + place / RATE
            wait = due - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            status, body = client.get(f"/api/profiles/{self.ids[place]}/segments")
            self.taken.append(time.perf_counter() - due)
            if status != 200 or body.count(b'"type":"segment"') != OF_A_PERSON:
                raise AssertionError(f"{status}: {body[:200]!r}")
            self.bytes = len(body)
        client.close()


def set_up(people: int) -> tuple[str, list[int]]:
    """Fill the account; return its key and whom to ask for."""
    # These need the settings.
    from bench.rows import RINGS, fill_people, fill_segment, settle  # noqa: PLC0415
    from profiles.models import Profile  # noqa: PLC0415
    from segmenter.accounts.models import create_account, create_api_key  # noqa: PLC0415

    account = create_account(slug="bench-lookup")
    fill_people(account, people)
    for number in range(SEGMENTS):
        fill_segment(account, f"Segment {number}", [number % RINGS])
    settle()
    secret = create_api_key(account=account, name="bench", scopes=["segments:read"])[1]
    return secret, list(Profile.objects.values_list("pk", flat=True))


def revoke_and_ask(address: str, secret: str, profile_id: int) -> None:
    """Revoke the key; raise AssertionError if any web process still accepts it."""
    # These need the settings.
    from segmenter.accounts.models import ApiKey  # noqa: PLC0415
    from segmenter.kernel.clock import now  # noqa: PLC0415

    clients = [Client(address, secret) for _ in range(CONNECTIONS)]
    before = [client.get(f"/api/profiles/{profile_id}/segments")[0] for client in clients]
    ApiKey.objects.get().revoke(at=now())
    after = [client.get(f"/api/profiles/{profile_id}/segments")[0] for client in clients]
    for client in clients:
        client.close()
    if set(before) != {200} or set(after) != {401}:
        raise AssertionError(f"before it was revoked {before}, after that {after}")


def main() -> int:
    """Print one line of JSON for each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.lookup", description=__doc__)
    parser.add_argument("--profiles", type=int, default=PEOPLE["demo"])
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    with new_instance() as instance:
        secret, ids = set_up(options.profiles)
        Asking(instance.address, secret, ids, WARM_SECONDS).run()
        asking = Asking(instance.address, secret, ids, options.seconds)
        asking.run()
        for name, figure, unit in _figures(asking):
            tell(name, figure, unit)
        revoke_and_ask(instance.address, secret, ids[0])
    return 0


def _figures(asking: Asking) -> Iterator[tuple[str, float, str]]:
    durations = sorted(seconds * 1000 for seconds in asking.taken)
    for percent in (50, 95, 99):
        yield f"{NAME}: p{percent}", durations[len(durations) * percent // 100], "ms"
    yield f"{NAME}: slowest", durations[-1], "ms"
    yield f"{NAME}: an answer", asking.bytes, "bytes"


if __name__ == "__main__":
    os.environ.setdefault("SEGMENTER_LOG_LEVEL", "WARNING")
    sys.exit(main())
