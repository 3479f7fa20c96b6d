"""Which rows count as orders, and what is known of a customer at the end of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from predictions.numerics.summary import (
    MICROS_A_DAY,
    Log,
    Orders,
    end_of_day,
    last_full_day,
    local_days,
    settle,
    summarise,
)
from tests.predictions.shops import START, log

UTC = ZoneInfo("UTC")
STOCKHOLM = ZoneInfo("Europe/Stockholm")
EVER = 2**62


def settled(
    orders: Sequence[tuple[int, float, float]],
    reversals: Sequence[tuple[int, float, float]] = [],
    *,
    until: float | None = None,
) -> Orders:
    end = EVER if until is None else int((START + until) * MICROS_A_DAY)
    return settle(log(orders), log(reversals), UTC, until=end)


def order_rows(orders: Orders) -> list[tuple[int, int, float]]:
    rows = zip(orders.customer, orders.day - START, orders.value, strict=True)
    return [(int(c), int(d), float(v)) for c, d, v in rows]


def micros(text: str, zone: ZoneInfo) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1e6)


def test_days_begin_at_midnight_in_the_zone() -> None:
    before, after = (micros(f"2026-03-29 {t}", STOCKHOLM) for t in ("23:59:59", "00:00:00"))
    winter = micros("2026-01-01 00:30:00", STOCKHOLM)
    days = local_days(np.array([before, after, winter]), STOCKHOLM)
    assert days.tolist() == [20541, 20541, 20454]
    assert local_days(np.array([winter]), UTC).tolist() == [20453]
    assert last_full_day(winter, STOCKHOLM) == 20453
    assert end_of_day(20541, STOCKHOLM) == micros("2026-03-30 00:00:00", STOCKHOLM)
    assert local_days(np.array([-1]), UTC).tolist() == [-1]


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "UTC"])
def test_where_a_day_ends_the_next_begins(zone: str) -> None:
    days = np.arange(10_000, 20_700, 7)
    ends = np.array([end_of_day(int(day), ZoneInfo(zone)) for day in days])
    assert (local_days(ends - 1, ZoneInfo(zone)) <= days).all()
    assert (local_days(ends, ZoneInfo(zone)) > days).all()


def test_a_customers_figures() -> None:
    rows = [(3, 10.2, 30.0), (3, 10.9, 10.0), (3, 40.5, 20.0), (7, 50.0, 5.0), (3, 61.0, 99.0)]
    summary = summarise(settled(rows), START + 60)
    assert summary.customer.tolist() == [3, 7]
    assert summary.history.x.tolist() == [1, 0]
    assert summary.history.tx.tolist() == [30, 0]
    assert summary.history.T.tolist() == [50, 10]
    assert summary.orders.tolist() == [3, 1]
    assert summary.order_days.tolist() == [2, 1]
    assert summary.spend.tolist() == [60, 5]
    assert summary.spend_per_order_day.tolist() == [30, 5]
    assert summary.average_order_value.tolist() == [20, 5]
    assert summary.days_between_orders[0] == 15
    assert np.isnan(summary.days_between_orders[1])
    assert summary.orders_per_order_day == pytest.approx(4 / 3)


def test_rows_without_worth_are_no_orders() -> None:
    orders = settled([(0, 1, 0.0), (0, 2, np.nan), (0, 3, np.inf), (0, 4, 1e300), (0, 5, 7.0)])
    assert order_rows(orders) == [(0, 5, 7.0)]
    assert orders.worthless == 4


def test_an_order_given_back_in_full_never_was() -> None:
    orders = settled([(0, 1, 10.0), (0, 5, 20.0), (1, 5, 20.0)], [(0, 9, 20.0)])
    assert order_rows(orders) == [(0, 1, 10.0), (1, 5, 20.0)]
    assert orders.cancelled == 1
    assert len(orders.refund_value) == 0


def test_a_negative_order_gives_back_too() -> None:
    assert order_rows(settled([(0, 1, 10.0), (0, 2, 10.0), (0, 3, -10.0)])) == [(0, 1, 10.0)]


def test_the_latest_of_equal_orders_is_given_back_and_none_after_it() -> None:
    orders = settled([(0, 1, 10.0), (0, 3, 10.0), (0, 8, 10.0)], [(0, 5, 10.0), (0, 6, 10.0)])
    assert order_rows(orders) == [(0, 8, 10.0)]
    late = settled([(0, 8, 10.0)], [(0, 5, 10.0)])
    assert order_rows(late) == [(0, 8, 10.0)]
    assert late.refund_value.tolist() == [10.0]


def test_a_refund_in_part_lowers_the_spend_alone() -> None:
    orders = settled([(0, 1, 50.0), (0, 9, 50.0), (1, 2, 5.0)], [(0, 12, 20.0), (1, 3, 8.0)])
    assert len(orders) == 3
    summary = summarise(orders, START + 30)
    assert summary.spend.tolist() == [80, -3]
    assert summary.spend_per_order_day.tolist() == [40, 0]
    assert summarise(orders, START + 10).spend.tolist() == [100, -3]


def test_a_cancellation_without_a_value_takes_the_latest_order() -> None:
    orders = settled([(0, 1, 10.0), (0, 5, 20.0), (0, 9, 30.0)], [(0, 6, np.nan)])
    assert order_rows(orders) == [(0, 1, 10.0), (0, 9, 30.0)]
    assert settled([], [(0, 6, np.nan)]).worthless == 1


def test_a_reversal_goes_to_the_order_it_names() -> None:
    orders_log = log([(0, 1, 10.0), (0, 2, 10.0), (1, 3, 30.0)])
    orders_log = Log(orders_log.customer, orders_log.time, orders_log.value, np.array([11, 12, -1]))
    back = log([(0, 5, 10.0), (0, 6, 4.0), (1, 7, np.nan), (0, 8, 3.0)])
    back = Log(back.customer, back.time, back.value, np.array([11, 12, 77, 12]))
    orders = settle(orders_log, back, UTC, until=EVER)
    assert order_rows(orders) == [(0, 2, 3.0)]
    assert orders.cancelled == 2  # one by its name; the other names none that there is


def test_what_comes_back_later_is_unknown_before() -> None:
    rows, back = [(0, 1, 10.0)], [(0, 9, 10.0)]
    assert len(settled(rows, back, until=9)) == 1
    assert len(settled(rows, back, until=10)) == 0


reversals = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(1, 3)))


@given(reversals, reversals)
def test_giving_back_is_closing_brackets(
    orders: list[tuple[int, int, int]], backs: list[tuple[int, int, int]]
) -> None:
    rows = [(c, float(t), float(v)) for c, t, v in orders]
    after = settled(rows, [(c, t + 0.5, float(v)) for c, t, v in backs])
    remaining = sorted(rows, key=lambda row: row[1])
    unused = []
    for customer, time, value in sorted(backs, key=lambda back: back[1]):
        before = [r for r in remaining if r[0] == customer and r[1] <= time and r[2] == value]
        if before:
            remaining.remove(before[-1])
        else:
            unused.append(float(value))
    assert sorted(order_rows(after)) == sorted((c, int(t), v) for c, t, v in remaining)
    assert sorted(after.refund_value.tolist()) == sorted(unused)


@given(reversals, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    rows: list[tuple[int, int, int]], shuffle: object
) -> None:
    mixed = list(rows)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = (
        summarise(settled([(c, t + 0.25, float(v)) for c, t, v in order]), START + 20)
        for order in (rows, mixed)
    )
    assert one.customer.tolist() == other.customer.tolist()
    assert one.spend.tolist() == other.spend.tolist()
    assert one.history.x.tolist() == other.history.x.tolist()
