"""How fast members leave as CSV: `.venv/bin/python -m bench.part export`.

A segment with half of the people, twelve columns: ten of everyone's and two custom properties. The
limit is PostgreSQL's own COPY of the same columns of the same rows, read by the same client, which
defuses nothing and ends lines its own way. Over HTTP the file goes through a whole web request.
The two alternate, so that other load of the machine affects both alike.
"""

from __future__ import annotations

import gc
import resource
from collections.abc import Iterator
from statistics import median
from time import perf_counter

from django.db import connection
from django.test import Client

from bench.parts import LIMIT, Target
from bench.rows import PROPERTIES, RINGS, fill_people, fill_segment, settle
from segmenter.accounts.models import Role, Seat, User, create_account
from segments.exports.members_csv import write_members
from segments.models import Segment

PEOPLE = {"small": 20_000, "demo": 1_000_000}
ROUNDS = 5
_COPY = """COPY (
    SELECT p.id, p.external_id, p.email, p.first_name, p.last_name, p.phone_number, p.city,
        p.region, p.country, m.entered, p.properties ->> 'Points',
        p.properties ->> 'Favourite colours'
    FROM segments_membership m JOIN profiles_profile p ON p.id = m.profile_id
    WHERE m.account_id = {account} AND m.segment_id = {segment} ORDER BY m.profile_id
) TO STDOUT WITH (FORMAT csv)"""
TARGETS = {"members as CSV, times PostgreSQL's own COPY": Target(most=3.0)}


def measure(people: int) -> Iterator[tuple[str, float, str] | tuple[str, float, str, str]]:
    """Yield (name, figure, unit) or (name, figure, unit, LIMIT)."""
    account = create_account(slug="bench-export")
    fill_people(account, people)
    segment = fill_segment(account, "Half", range(RINGS // 2))
    settle()
    user = User.objects.create_user("bench@example.com", "bench-export")
    Seat.objects.create(user=user, account=account, role=Role.OWNER)
    client = Client()
    client.force_login(user)
    ways = {"copy": lambda: _copy(segment), "ours": lambda: _write(segment)}
    ways["http"] = lambda: _downloaded(client, segment)
    gc.collect()
    before = _peak_memory()
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _turn in range(ROUNDS):
        sizes = {}
        for way, run in ways.items():
            started = perf_counter()
            sizes[way] = run()
            times[way].append(perf_counter() - started)
        if sizes["http"] != sizes["ours"] or sizes["ours"] < sizes["copy"]:
            raise AssertionError(f"files of {sizes} bytes")
    name = f"{segment.size:,} members x 12 columns as CSV"
    yield name, median(times["ours"]), "s"
    yield name, median(times["copy"]), "s", LIMIT
    yield f"{name}, a web request", median(times["http"]), "s"
    for way, suffix in (("ours", ""), ("http", ", a web request")):
        ratios = [one / copy for one, copy in zip(times[way], times["copy"], strict=True)]
        yield f"members as CSV{suffix}, times PostgreSQL's own COPY", median(ratios), "times"
    yield "members as CSV, peak memory above that before it", _peak_memory() - before, "MB"


def _copy(segment: Segment) -> int:
    query = _COPY.format(account=segment.account_id, segment=segment.pk)
    with connection.cursor() as cursor, cursor.copy(query) as rows:
        size = 0
        for row in rows:
            size += len(row)
        return size


def _write(segment: Segment) -> int:
    return sum(len(piece) for piece in write_members(segment, list(PROPERTIES)))


def _downloaded(client: Client, segment: Segment) -> int:
    address = f"/segments/{segment.key}/members.csv"
    response = client.get(address, {"property": list(PROPERTIES)}, headers={"host": "localhost"})
    size = 0
    for piece in response.streaming_content:  # type: ignore[attr-defined]
        size += len(piece)
    response.close()
    return size


def _peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
