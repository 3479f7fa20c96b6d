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
from collections.abc import Iterator, Sequence
from functools import partial

from bench.client import Client
from bench.own_process import figures_of, new_instance, tell
from bench.parts import Target
from bench.steady_requests import CONNECTIONS, durations_of, percentiles

PEOPLE = {"small": 2_000, "demo": 50_000}
SEGMENTS, OF_A_PERSON = 200, 20
RATE = 200
SECONDS, WARM_SECONDS = 30.0, 10.0
NAME = f"segments of a person who is in {OF_A_PERSON}, {RATE} requests/s"
TARGETS = {f"{NAME}: p99": Target(most=10.0)}


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit) for `people` people, measured in a process of its own."""
    return figures_of("bench.lookup", people)


def run(address: str, secret: str, ids: Sequence[int], seconds: float) -> tuple[list[float], int]:
    """Ask for people; return the seconds of each request, and the bytes of one answer.

    Raises AssertionError if anything was refused or wrong.
    """
    whom = random.Random(RATE).choices(ids, k=int(seconds * RATE))
    sizes = [0]

    def ask(client: Client, number: int) -> None:
        status, body = client.get(f"/api/profiles/{whom[number]}/segments")
        if status != 200 or body.count(b'"type":"segment"') != OF_A_PERSON:
            raise AssertionError(f"{status}: {body[:200]!r}")
        sizes.append(len(body))

    client = partial(Client, address, secret)
    return durations_of(ask, client, requests=len(whom), rate=RATE), sizes[-1]


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
        run(instance.address, secret, ids, WARM_SECONDS)
        durations, size = run(instance.address, secret, ids, options.seconds)
        for figure in percentiles(NAME, durations):
            tell(*figure)
        tell(f"{NAME}: an answer", size, "bytes")
        revoke_and_ask(instance.address, secret, ids[0])
    return 0


if __name__ == "__main__":
    os.environ.setdefault("SEGMENTER_LOG_LEVEL", "WARNING")
    sys.exit(main())
