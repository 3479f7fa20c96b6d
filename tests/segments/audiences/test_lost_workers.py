"""Workers of live connections that die, lose their lease, race or are paused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from profiles.ingest.erase import erase
from segments.audiences import connections, queue, sync
from segments.audiences.sync import synchronize
from segments.engine.remote_sync import LEASE
from segments.models import (
    AudienceChange,
    AudienceConnection,
    AudienceMember,
    Segment,
)
from tests.fixtures.cast import AT
from tests.segments.audiences.connected import HOUR, connect, meta, note, run, segment
from tests.segments.audiences.shop import leave, let_in, sha
from tests.segments.audiences.stand_ins import Meta

__all__ = ["meta", "segment"]

pytestmark = pytest.mark.django_db


# --- killed workers, races -----------------------------------------------------------------------


class Killed(BaseException):
    pass


def test_a_worker_killed_between_sending_and_settling_loses_nobody(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = let_in(segment, *({"email": f"p{number}@example.com"} for number in range(4)))
    connection = connect(segment)
    with monkeypatch.context() as patch:

        def killed(*_arguments: object) -> None:
            raise Killed

        patch.setattr(queue, "settle", killed)
        with pytest.raises(Killed):
            synchronize(connection.pk, AT, batch=2)
    assert len(meta.people) == 2
    erase(account=segment.account, profile_id=people[0].pk, at=AT)
    leave(segment, people[1])
    assert not synchronize(connection.pk, AT + timedelta(minutes=1))
    later = AT + LEASE + HOUR
    note(segment, people[1], later, entered=False)
    run(connection, later)
    run(connection, later + HOUR)
    assert meta.people == {sha("p2@example.com"), sha("p3@example.com")}


def while_sending(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen while the first batch is under way."""
    documents = queue.documents

    def interrupted(*arguments: Any) -> Any:
        monkeypatch.undo()
        happens()
        return documents(*arguments)

    monkeypatch.setattr(queue, "documents", interrupted)


def test_a_worker_whose_lease_ran_out_writes_nothing(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    rows = AudienceConnection.objects
    while_sending(monkeypatch, lambda: rows.update(claim=None, lease=None))
    assert not synchronize(connection.pk, AT)
    assert AudienceMember.objects.count() == 0
    run(connection, AT)
    assert AudienceMember.objects.count() == 1
    assert meta.people == {sha("anna@example.com")}


def test_two_workers_are_never_at_work_on_one_connection(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    others: list[bool] = []
    while_sending(monkeypatch, lambda: others.append(synchronize(connection.pk, AT)))
    run(connection)
    assert others == [False]
    assert len(meta.payloads("POST")) == 1


def test_a_connection_that_is_paused_while_it_sends_stops(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(segment, *({"email": f"p{number}@example.com"} for number in range(4)))
    connection = connect(segment)
    pause = partial(connections.set_paused, connection, paused=True, at=AT)
    while_sending(monkeypatch, pause)
    assert not synchronize(connection.pk, AT, batch=2)
    assert not synchronize(connection.pk, AT + 2 * HOUR)
    assert len(meta.people) == 2
    connections.set_paused(connection, paused=False, at=AT)
    run(connection)
    assert len(meta.people) == 4


def test_what_waited_while_paused_is_worked_out_anew(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = let_in(segment, *({"email": f"p{number}@example.com"} for number in range(4)))
    connection = connect(segment)
    while_sending(monkeypatch, partial(connections.set_paused, connection, paused=True, at=AT))
    assert not synchronize(connection.pk, AT, batch=2)
    assert AudienceChange.objects.count() == 4
    leave(segment, people[0], people[3])
    connections.set_paused(connection, paused=False, at=AT + 99 * HOUR)
    run(connection, AT + 99 * HOUR)
    assert meta.people == {sha("p1@example.com"), sha("p2@example.com")}
    hashes = {row[0] for body in meta.payloads("POST") for row in body["payload"]["data"]}
    assert sha("p3@example.com") not in hashes


def test_a_clock_that_was_ahead_does_not_stop_a_connection(meta: Meta, segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = run(connect(segment), AT)
    run(connection, AT + 100 * HOUR)
    assert not synchronize(connection.pk, AT + HOUR)
    sync.rewind(segment.account_id, AT + HOUR)
    run(connection, AT + HOUR)
