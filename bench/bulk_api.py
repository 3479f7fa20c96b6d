"""How many events a second the bulk API commits: `python -m bench bulk_api`.

The web processes run on the large shop, without workers. Clients send requests of 1,000 events,
each over a connection of its own, and wait for the answer, which comes after the commit. The events
are drawn as the shop's own were: a few people do most, and one in fifty is somebody new. They are
taken away again afterwards.
"""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_hex
from statistics import median
from threading import Thread
from typing import Any

import numpy as np
from django.db import connection, transaction

from bench.client import many_events
from bench.large_shop import catalogue, tables
from bench.large_shop.draw import CHUNK
from bench.parts import Target
from bench.store import Store
from profiles import changes, facts
from profiles.models import Cause, Event
from segmenter.accounts.models import Account, ApiKey, create_api_key
from segmenter.embedded.demo import programs
from segmenter.embedded.folder import DataFolder
from segmenter.embedded.health import problem
from segmenter.embedded.leases import Lease
from segmenter.embedded.ports import listen
from segmenter.embedded.processes import stop
from segmenter.kernel.clock import now

EVENTS = 1_000
NEW = 0.02
"""Part of the events whose person is new."""
WARM, REQUESTS = 10, 40
CONNECTIONS = (1, 2, 4)
START_SECONDS = 60.0
RATE = "bulk API to committed, {} connection{}"
TARGETS = {RATE.format(4, "s"): Target(least=10_000)}


def measure(store: Store) -> Iterator[tuple[str, float, str]]:
    """Yield figures. Raises AssertionError where an event that was acknowledged is not there."""
    account = store.account
    bodies = iter(_requests(store, account, len(CONNECTIONS) * (WARM + REQUESTS)))
    key, secret = create_api_key(account=account, name=f"bench {token_hex(4)}")
    try:
        with _web(store) as address, _taken_away(account):
            for connections in CONNECTIONS:
                clients = [_Client(address, secret) for _ in range(connections)]
                _send(clients, [next(bodies) for _ in range(WARM)])
                before = _last("profiles_event")
                payloads = [next(bodies) for _ in range(REQUESTS)]
                started = time.perf_counter()
                durations = _send(clients, payloads)
                seconds = time.perf_counter() - started
                count = _since(account, before)
                if count != EVENTS * REQUESTS:
                    raise AssertionError(f"{count} of {EVENTS * REQUESTS} events were stored")
                name = RATE.format(connections, "s" if connections > 1 else "")
                yield name, count / seconds, "events/s"
                yield f"{name}: median of a request", median(durations) * 1000, "ms"
    finally:
        ApiKey.objects.filter(pk=key.pk).delete()


class _Client:
    """One connection that sends what has been written already."""

    def __init__(self, address: str, secret: str) -> None:
        self.connection = http.client.HTTPConnection(address, timeout=60)
        self.headers = {
            "Authorization": f"Klaviyo-API-Key {secret}",
            "Content-Type": "application/json",
        }
        self.path = many_events([])[0]

    def send(self, body: bytes) -> float:
        """Send a request and return the seconds until its answer was read."""
        started = time.perf_counter()
        self.connection.request("POST", self.path, body, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 202 or content:
            raise AssertionError(f"{answer.status}: {content[:300]!r}")
        return time.perf_counter() - started


def _send(clients: Sequence[_Client], bodies: Sequence[bytes]) -> list[float]:
    """Send all, each client its next as soon as it has its answer; return the seconds of each."""
    remaining, durations = iter(bodies), list[float]()

    def work(client: _Client) -> None:
        for body in remaining:  # each item goes to one thread
            durations.append(client.send(body))

    threads = [Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(durations) != len(bodies):
        raise AssertionError(f"{len(durations)} of {len(bodies)} requests were answered")
    return durations


def _requests(store: Store, account: Account, count: int) -> list[bytes]:
    """So many requests' bodies: events like those that the shop had last, just now, of its own."""
    dice = np.random.default_rng([store.shop.seed, 9])
    chunk = store.shop.event_chunk(store.shop.chunks - 1)
    rows = dice.choice(len(chunk), min(count * EVENTS, CHUNK), replace=count * EVENTS > len(chunk))
    sample = chunk.take(rows)
    documents = tables.event_json(sample).to_pylist()
    people = _people(account, set((sample.profiles + 1).tolist()))
    is_new = dice.random(len(rows)) < NEW
    mark, began = token_hex(4), now()
    bodies = []
    for first in range(0, count * EVENTS, EVENTS):
        events = [
            {
                "metric": catalogue.METRICS[sample.metrics[row]],
                "time": (began - timedelta(milliseconds=count * EVENTS - row)).isoformat(),
                "value": None if np.isnan(sample.values[row]) else float(sample.values[row]),
                "unique_id": f"{mark}-{row}",
                "properties": json.loads(documents[row]),
                "profile": {"email": f"{mark}-{row}@example.com"}
                if is_new[row]
                else people[int(sample.profiles[row]) + 1],
            }
            for row in range(first, first + EVENTS)
        ]
        bodies.append(json.dumps(many_events(events)[1]).encode())
    return bodies


def _people(account: Account, ids: set[int]) -> dict[int, dict[str, Any]]:
    """What clients call these people: their e-mail address, else their external id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, email, external_id FROM profiles_profile"
            " WHERE account_id = %s AND id = ANY(%s)",
            [account.pk, list(ids)],
        )
        return {
            id_: {"email": email} if email else {"external_id": external_id}
            for id_, email, external_id in cursor.fetchall()
        }


@contextmanager
def _taken_away(account: Account) -> Iterator[None]:
    """Delete all people and events that are stored within the block."""
    last_event, last_person = _last("profiles_event"), _last("profiles_profile")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bounds AS SELECT id, first_active, last_active"
            " FROM profiles_profile WHERE account_id = %s",
            [account.pk],
        )
    try:
        yield
    finally:
        parameters = {"account": account.pk, "event": last_event, "person": last_person}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TAKE_AWAY, parameters)
            extra = {id_: {facts.EXISTS} for (id_,) in cursor.fetchall()}
            cursor.execute(_SET_BACK, {**parameters, "people": list(extra)})
            cursor.execute(_NEVER_THERE, parameters)
            changes.record(account.pk, extra, cause=Cause.REPAIR, at=now())
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE bounds")


_TAKE_AWAY = """WITH gone AS (
    DELETE FROM profiles_event WHERE account_id = %(account)s AND id > %(event)s
    RETURNING profile_id
) SELECT DISTINCT profile_id FROM gone"""
_SET_BACK = """UPDATE profiles_profile p
    SET first_active = bounds.first_active, last_active = bounds.last_active
    FROM bounds WHERE p.id = bounds.id AND p.id = ANY(%(people)s)"""
_NEVER_THERE = "DELETE FROM profiles_profile WHERE account_id = %(account)s AND id > %(person)s"


def _last(table: str) -> int:
    """The greatest id of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {table}")
        last_id: int = cursor.fetchone()[0]
        return last_id


def _since(account: Account, last: int) -> int:
    """How many events have a greater id."""
    return Event.objects.filter(account=account, pk__gt=last).count()


@contextmanager
def _web(store: Store) -> Iterator[str]:
    """The web processes of the store; yields where they listen."""
    data = DataFolder(store.folder)
    listener, port = listen("127.0.0.1", 18_000)
    address = f"127.0.0.1:{port}"
    with listener, Lease(data) as lease:
        lease.ensure_valkey()
        web = programs(data, listener)[0]
        environment = {"DJANGO_SETTINGS_MODULE": "segmenter.settings"}
        environment["SEGMENTER_SECRET_KEY"] = data.secret("secret-key")
        web.start(data, os.environ | environment | lease.environment())
        try:
            deadline = time.monotonic() + START_SECONDS
            while why := problem(address, seconds=5):
                if time.monotonic() > deadline:
                    raise AssertionError(f"The pages do not answer: {why}")
                time.sleep(0.1)
            yield address
        finally:
            stop([web])
