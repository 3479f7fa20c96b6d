"""The predicted minute of a flip is exact: not a minute later, and no earlier flip is missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments.definition.codec import decode
from segments.engine.evaluate import Evaluation
from segments.explain.future import Future, FutureAnswers
from tests.builders.definitions import either
from tests.draws import draws
from tests.oracle.oracle import members
from tests.oracle.strategies import KINDS, Case, cases
from tests.oracle.world import World
from tests.segments.memory import population
from tests.segments.one_person import columns, each_alone

EXAMPLES = settings(
    max_examples=draws(12, nightly=400),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MIDDAY = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)


def answers(case: Case) -> Callable[[datetime], bool]:
    """What holds of the one person at a moment: by the oracle, unless segments hold the answer.

    Stored membership does not move on, while the oracle evaluates it again.
    """
    if not case.world.segments:
        return lambda at: members(case.definition, case.world, at) == {0}
    people, tree = columns(case), decode(case.definition)
    return lambda at: bool(Evaluation(people, at).mask(tree)[0])


def probes(since: datetime, until: datetime, minutes: list[int]) -> Iterator[datetime]:
    """Full minutes in between: one a day at first, then fewer, some anywhere, and the last."""
    first = since.replace(second=0, microsecond=0) + MINUTE
    days = [*range(10), 29, 30, 31, 60, 90, 180, 364, 365, 366, 500, 730]
    moments = [first + day * DAY for day in days] + [first + n * MINUTE for n in minutes]
    yield from (moment for moment in sorted(moments) if moment < until)
    if until - MINUTE > since:
        yield until - MINUTE


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_nothing_flips_before_it_is_told(kind: str | None) -> None:
    @EXAMPLES
    @given(cases(kind), st.lists(st.integers(0, 800 * 1440), max_size=6))
    def check(example: Case, minutes: list[int]) -> None:
        for case in each_alone(example):
            future = Future(columns(case), case.at).outlook(decode(case.definition))
            holds = answers(case)
            now = holds(case.at)
            end = future.flips or future.known_until
            for moment in probes(case.at, end, minutes):
                assert holds(moment) == now, moment
            if future.flips:
                assert holds(future.flips) != now

    check()


# --- worked out by hand --------------------------------------------------------------------------


def bought(frame: dict[str, Any], least: int = 1) -> dict[str, Any]:
    return either(
        {
            "type": "profile-metric",
            "metric_id": "Bought",
            "measurement": "count",
            "measurement_filter": {
                "type": "numeric",
                "operator": "greater-than-or-equal",
                "value": least,
            },
            "timeframe_filter": {"type": "date", **frame},
        }
    )


def outlook(
    definition: dict[str, Any], *times: str, zone: str = "UTC", **more: Any
) -> FutureAnswers:
    events = [
        {"metric": "Bought", "time": time, "unique_id": time, "profile": {"external_id": "1"}}
        for time in times
    ]
    person = {"external_id": "1", "created": "2026-01-01T00:00:00Z"}
    people = population(World([person], events, zone))
    return Future(people, MIDDAY, **more).outlook(decode(definition))


def last(quantity: int, unit: str) -> dict[str, Any]:
    return {"operator": "in-the-last", "quantity": quantity, "unit": unit}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_window_of_days_lets_go_at_the_account_s_midnight() -> None:
    future = outlook(bought(last(30, "day")), "2026-11-01T09:00:00Z", zone="Europe/Stockholm")
    assert future.flips == at("2026-12-01T23:00")


def test_a_window_of_hours_lets_go_on_the_minute_after() -> None:
    future = outlook(bought(last(24, "hour")), "2026-11-22T08:32:10Z")
    assert future.flips == at("2026-11-23T08:33")


def test_an_event_to_come_counts_on_the_minute_after() -> None:
    future = outlook(bought({"operator": "alltime"}), "2026-11-22T14:32:10Z")
    assert future.flips == at("2026-11-22T14:33")


def test_the_older_of_two_events_may_go() -> None:
    times = "2026-11-01T09:00:00Z", "2026-11-10T09:00:00Z"
    assert outlook(bought(last(30, "day")), *times).flips == at("2026-12-11T00:00")
    assert outlook(bought(last(30, "day"), least=2), *times).flips == at("2026-12-02T00:00")


def test_what_never_flips_is_known_for_the_whole_time_ahead() -> None:
    future = outlook(bought({"operator": "alltime"}), "2026-11-01T09:00:00Z")
    assert (future.flips, future.cut_off) == (None, False)
    assert future.known_until - MIDDAY > timedelta(days=799)


def test_who_has_too_many_dates_is_told_for_how_long_it_is_known() -> None:
    times = [f"2026-11-{day:02}T0{hour}:00:00Z" for day in range(1, 22) for hour in range(9)]
    future = outlook(bought(last(30, "day"), least=20), *times, most=5)
    assert (future.flips, future.cut_off) == (None, True)
    assert future.known_until == at("2026-12-06T00:00")
    assert outlook(bought(last(30, "day"), least=20), *times).flips == at("2026-12-20T00:00")
