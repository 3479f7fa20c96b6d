"""The time is the database's, not that of the host's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from segmenter.kernel import clock

pytestmark = pytest.mark.usefixtures("database_time")

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
Shift = Callable[[timedelta], None]


def database() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_catalog.clock_timestamp()")
        return cursor.fetchone()[0]


@pytest.fixture
def shift() -> Shift:
    """Let PostgreSQL's clock be ahead by so much, for this test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE SCHEMA shifted; CREATE TABLE shifted.by AS SELECT interval '0' AS shift;"
            " CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
            " 'SELECT pg_catalog.clock_timestamp() + (SELECT shift FROM shifted.by)';"
            " SET LOCAL search_path = shifted, pg_catalog, public"
        )

    def to(by: timedelta) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE shifted.by SET shift = make_interval(secs => %s)", [by.total_seconds()]
            )

    return to


@pytest.mark.parametrize("wrong_by", [-400 * 24 * HOUR, -6 * HOUR, 6 * HOUR, 400 * 24 * HOUR])
def test_a_host_whose_clock_is_wrong_has_the_database_s_time(wrong_by: timedelta) -> None:
    with time_machine.travel(datetime.now(UTC) + wrong_by):
        assert abs(clock.now() - database()) < SECOND


def test_a_jump_of_the_host_s_clock_between_two_questions_is_not_seen() -> None:
    before = clock.now()
    with time_machine.travel(datetime.now(UTC) + 6 * HOUR), CaptureQueriesContext(connection) as q:
        jumped = clock.now()
    assert timedelta(0) <= jumped - before < SECOND
    assert not q.captured_queries


def test_the_database_is_asked_once_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    steady = [1_000.0]
    monkeypatch.setattr(clock, "_steady", lambda: steady[0])
    with CaptureQueriesContext(connection) as queries:
        for _ in range(50):
            clock.now()
            steady[0] += 0.05
    assert len(queries) == 3  # in 2.5 seconds


def test_a_jump_of_the_database_s_clock_is_followed_both_ways(shift: Shift) -> None:
    true = clock.now()
    shift(6 * HOUR)
    assert 6 * HOUR <= clock.database_now() - true < 6 * HOUR + SECOND
    assert 6 * HOUR <= clock.now() - true < 6 * HOUR + SECOND
    shift(timedelta(0))
    assert timedelta(0) <= clock.database_now() - true < SECOND


def test_a_slow_answer_does_not_turn_the_time_back(monkeypatch: pytest.MonkeyPatch) -> None:
    steady, answers = [0.0], [0.0]
    began = datetime(2026, 3, 1, tzinfo=UTC)

    def slow_time() -> datetime:
        steady[0] += answers[-1]  # on its way back
        return began + timedelta(seconds=steady[0] - answers[-1])

    monkeypatch.setattr(clock, "_steady", lambda: steady[0])
    monkeypatch.setattr(clock, "_database_time", slow_time)
    times = [clock.database_now()]
    for slow in (0.4, 0.0, 2.0, 0.1):
        answers.append(slow)
        steady[0] += 0.01
        times.append(clock.database_now())
        assert times[-1] <= began + timedelta(seconds=steady[0])  # never ahead
    assert times == sorted(times)


def test_without_the_database_the_last_answer_is_gone_on_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    true = clock.now()

    def away() -> datetime:
        raise OperationalError("away")

    monkeypatch.setattr(clock, "_database_time", away)
    with time_machine.travel(datetime.now(UTC) + 6 * HOUR):
        assert timedelta(0) <= clock.database_now() - true < SECOND


def test_the_time_can_be_asked_in_a_transaction_that_has_failed() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        assert abs(clock.now() - datetime.now(UTC)) < 2 * SECOND
        transaction.set_rollback(False)
