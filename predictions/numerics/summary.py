"""From an account's orders to the models' data of each customer. Pure, and without row loops.

Owns the rule which rows count as orders: positive value, not cancelled, not refunded in full. Knows
nothing of models, metrics or the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from predictions.numerics.arrays import Bools, Floats, Ints
from predictions.numerics.estimators.mbg import History

MICROS_A_DAY = 86_400_000_000
NO_ORDER = -1
"""In `Log.order`: the row does not name its order."""
_LARGEST = 1e12
"""A larger value is a mistake, and would dominate all totals."""
_GRAIN = 1e4
"""Amounts are compared in units of 1 / _GRAIN."""


@dataclass(frozen=True)
class Log:
    """Rows of a log, in any order; all arrays are equally long.

    `customer`: int64[n], dense numbers from 0; `time`: int64[n], microseconds since 1970 in UTC;
    `value`: float64[n], the shop's money; `order`: int64[n], a number for each order that rows
    name (NO_ORDER where they name none), or None if no row does.

    Orders: a negative value is a refund; 0 and NaN do not count. Reversals (cancellations and
    refunds): the value is the amount refunded, NaN means all of the order.
    """

    customer: Ints
    time: Ints
    value: Floats
    order: Ints | None = None

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, rows: Bools | Ints) -> Log:
        order = None if self.order is None else self.order[rows]
        return Log(self.customer[rows], self.time[rows], self.value[rows], order)

    @classmethod
    def empty(cls) -> Log:
        nothing = np.empty(0, np.int64)
        return cls(nothing, nothing, np.empty(0), nothing)


@dataclass(frozen=True)
class Orders:
    """The orders that count, by customer and time, and refunds without an order.

    `customer`, `day`: int64[n]; `day` is the local day's number, days since 1970-01-01; `value`:
    float64[n], net of partial refunds, always above 0. `refund_*`: refunds that match no order;
    they lower a customer's spend and remove no order. The counts are of the other rows.
    """

    customer: Ints
    day: Ints
    value: Floats
    refund_customer: Ints
    refund_day: Ints
    refund_value: Floats
    cancelled: int
    worthless: int
    """Rows with a value of 0 or NaN."""

    def __len__(self) -> int:
        return len(self.customer)


@dataclass(frozen=True)
class Summary:
    """The customers with an order, one row each, in the order of their numbers.

    As of the end of the local day `cutoff`. `history` is the order model's data. float64[k]:
    `orders`, `order_days` (at least 1), `spend` (net of refunds; may be below 0),
    `days_between_orders` (mean; NaN with a single order). int64[k]: `customer`, `first_day`,
    `last_day`.
    """

    cutoff: int
    customer: Ints
    first_day: Ints
    last_day: Ints
    orders: Floats
    order_days: Floats
    spend: Floats

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def history(self) -> History:
        return History(
            self.order_days - 1.0,
            (self.last_day - self.first_day).astype(np.float64),
            (self.cutoff - self.first_day).astype(np.float64),
        )

    @property
    def spend_per_order_day(self) -> Floats:
        """float64[k], at least 0: the spend model's m."""
        return np.maximum(self.spend, 0.0) / self.order_days

    @property
    def average_order_value(self) -> Floats:
        """float64[k]: spend / orders."""
        return self.spend / self.orders

    @property
    def days_between_orders(self) -> Floats:
        between = (self.last_day - self.first_day).astype(np.float64)
        several = self.orders > 1
        return np.where(several, between / np.where(several, self.orders - 1.0, 1.0), np.nan)

    @property
    def orders_per_order_day(self) -> float:
        """The mean over all customers; 1 without any."""
        days = float(self.order_days.sum())
        return float(self.orders.sum()) / days if days else 1.0


def local_days(time: Ints, zone: tzinfo) -> Ints:
    """Return the local days' numbers (int64[n], days since 1970-01-01) of microseconds in UTC."""
    import pandas as pd  # noqa: PLC0415  # takes a second

    moments = pd.DatetimeIndex(time.astype("M8[us]")).tz_localize("UTC").tz_convert(zone)
    return np.floor_divide(moments.tz_localize(None).to_numpy().view(np.int64), MICROS_A_DAY)


def last_full_day(at: int, zone: tzinfo) -> int:
    """Return the number of the last local day that is over at a moment in microseconds."""
    return int(local_days(np.array([at], np.int64), zone)[0]) - 1


def end_of_day(day: int, zone: tzinfo) -> int:
    """Return the end of a local day: the first microsecond after it."""
    import pandas as pd  # noqa: PLC0415  # as above

    midnight = pd.Timestamp(day + 1, unit="D").tz_localize(
        zone, ambiguous=True, nonexistent="shift_forward"
    )
    return int(midnight.tz_convert("UTC").tz_localize(None).as_unit("us").asm8.astype(np.int64))


def settle(orders: Log, reversals: Log, zone: tzinfo, *, until: int) -> Orders:
    """Return the orders that count, from rows before `until` (microseconds, exclusive).

    A reversal belongs to the order that it names; else to the customer's latest earlier order of
    the same value (a full refund), or of any value if the reversal has none. Other refunds lower
    the customer's spend.
    """
    orders, reversals = orders.take(orders.time < until), reversals.take(reversals.time < until)
    valid = np.abs(orders.value) <= _LARGEST  # False for NaN
    refunds = valid & (orders.value < 0)
    purchases = orders.take(valid & (orders.value > 0))
    worthless = len(orders) - len(purchases) - int(refunds.sum())
    back = concatenate(reversals, _negate(orders.take(refunds)))
    usable = np.isnan(back.value) | ((back.value > 0) & (back.value <= _LARGEST))
    worthless += len(back) - int(usable.sum())
    back = back.take(usable)

    purchases = purchases.take(_customer_order(purchases))
    value, back = _apply_named_reversals(purchases, back)
    value, back = _apply_latest_reversals(
        purchases, value, back, _amounts(value), _amounts(back.value)
    )
    any_order, without_value = np.where(value > 0, 0, -1), np.where(np.isnan(back.value), 0, -1)
    value, back = _apply_latest_reversals(purchases, value, back, any_order, without_value)
    remaining = value > 0.5 / _GRAIN
    unmatched = back.take(~np.isnan(back.value))
    return Orders(
        purchases.customer[remaining],
        local_days(purchases.time[remaining], zone),
        value[remaining],
        unmatched.customer,
        local_days(unmatched.time, zone),
        unmatched.value,
        cancelled=len(purchases) - int(remaining.sum()),
        worthless=worthless + len(back) - len(unmatched),
    )


def summarise(orders: Orders, cutoff: int) -> Summary:
    """Summarise the customers with an order up to and including a local day (its number)."""
    rows = orders.day <= cutoff
    customer, day, value = orders.customer[rows], orders.day[rows], orders.value[rows]
    size = int(customer.max(initial=-1)) + 1
    count = np.bincount(customer, minlength=size)
    spend = totals(customer, value, size)
    refunds = (orders.refund_day <= cutoff) & (orders.refund_customer < size)
    spend -= totals(orders.refund_customer[refunds], orders.refund_value[refunds], size)
    customers = np.flatnonzero(count)
    order_days = np.bincount(customer[order_day_begins(customer, day)], minlength=size)
    end = np.cumsum(count[customers])
    return Summary(
        cutoff,
        customers.astype(np.int64),
        day[end - count[customers]],
        day[end - 1],
        count[customers].astype(np.float64),
        order_days[customers].astype(np.float64),
        np.round(spend[customers], 6),
    )


def order_day_begins(customer: Ints, day: Ints) -> Bools:
    """bool[n]: the first row of each customer's day, of rows by customer and time."""
    begins = np.ones(len(customer), np.bool_)
    begins[1:] = (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])
    return begins


def totals(customer: Ints, value: Floats, size: int) -> Floats:
    """float64[size]: the sum of each customer's values."""
    # Without rows bincount returns integers, whatever the weights are.
    return np.bincount(customer, value, minlength=size).astype(np.float64)


def _customer_order(log: Log) -> Ints:
    """The rows by customer, then time. Sorts one number a row, several times as fast as lexsort."""
    size = max(len(log), 1)
    in_time = np.arange(len(log))
    if (log.time[1:] < log.time[:-1]).any():
        in_time = np.argsort(log.time, kind="stable")
    return in_time[np.sort(log.customer[in_time] * size + np.arange(len(log))) % size]


def _negate(log: Log) -> Log:
    return Log(log.customer, log.time, -log.value, log.order)


def concatenate(first: Log, second: Log) -> Log:
    """The rows of two logs, one after the other."""
    return Log(
        np.concatenate((first.customer, second.customer)),
        np.concatenate((first.time, second.time)),
        np.concatenate((first.value, second.value)),
        np.concatenate((_names(first), _names(second))),
    )


def _names(log: Log) -> Ints:
    return np.full(len(log), NO_ORDER, np.int64) if log.order is None else log.order


def _apply_named_reversals(purchases: Log, back: Log) -> tuple[Floats, Log]:
    """The orders' values after the reversals that name them, and the other reversals."""
    value, names = purchases.value.copy(), _names(purchases)
    rows = np.flatnonzero(names >= 0)
    rows = rows[np.argsort(names[rows], kind="stable")]
    place = np.searchsorted(names[rows], _names(back))
    matches = _names(back) >= 0
    matches[matches] = place[matches] < len(rows)
    matches[matches] = names[rows[place[matches]]] == _names(back)[matches]
    target = rows[place[matches]]
    amounts = np.where(np.isnan(back.value[matches]), np.inf, back.value[matches])
    np.subtract.at(value, target, amounts)
    return np.maximum(value, 0.0), back.take(~matches)


def _amounts(value: Floats) -> Ints:
    """Amounts as integers for comparison; -1 for NaN and amounts that are not positive."""
    return np.where(value > 0, np.rint(np.nan_to_num(value) * _GRAIN), -1.0).astype(np.int64)


def _apply_latest_reversals(
    purchases: Log, value: Floats, back: Log, placed_key: Ints, back_key: Ints
) -> tuple[Floats, Log]:
    """Reverse whole orders: each reversal the latest order before it of its customer and key.

    Keys below 0 are ignored. Reversals match in order of time, as closing brackets do.
    """
    concerned = np.zeros(
        int(max(purchases.customer.max(initial=-1), back.customer.max(initial=-1))) + 1, np.bool_
    )
    concerned[back.customer[back_key >= 0]] = True
    opening = np.flatnonzero(concerned[purchases.customer] & (placed_key >= 0))
    closing = np.flatnonzero(back_key >= 0)
    row = np.concatenate((opening, closing))
    closes = np.repeat([False, True], (len(opening), len(closing)))
    customer = np.concatenate((purchases.customer[opening], back.customer[closing]))
    key = np.concatenate((placed_key[opening], back_key[closing]))
    time = np.concatenate((purchases.time[opening], back.time[closing]))
    in_time = np.lexsort((closes, time, key, customer))
    row, closes, customer, key = (a[in_time] for a in (row, closes, customer, key))
    begins = np.ones(len(row), np.bool_)
    begins[1:] = (customer[1:] != customer[:-1]) | (key[1:] != key[:-1])
    group = np.cumsum(begins)

    depth = np.cumsum(np.where(closes, -1, 1))
    depth -= np.repeat((depth + np.where(closes, 1, -1))[begins], np.bincount(group)[1:])
    # The lowest depth so far in the group, or 0: closing brackets without an opening one lower it.
    apart = group * (2 * len(row) + 2)
    floor = np.minimum(np.minimum.accumulate(depth - apart) + apart, 0)
    before = np.where(begins, 0, np.concatenate(([0], floor[:-1])))
    level = np.where(closes, depth + 1 - before, depth - floor)
    pairs = np.lexsort((np.arange(len(row)), level, group))
    pairs = pairs[level[pairs] > 0]
    first, second = pairs[:-1], pairs[1:]
    is_match = closes[second] & ~closes[first]
    is_match &= (group[first] == group[second]) & (level[first] == level[second])
    value = value.copy()
    value[row[first[is_match]]] = 0.0
    unused = np.ones(len(back), np.bool_)
    unused[row[second[is_match]]] = False
    return value, back.take(unused)
