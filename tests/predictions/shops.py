"""Made-up shops: drawn from the models themselves, and those that models stumble over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from predictions.numerics.summary import MICROS_A_DAY, Log

START = 20_000
"""The first day of every shop."""


def log(rows: Sequence[tuple[int, float, float]]) -> Log:
    """Orders (or reversals) from (customer, day, value)."""
    customers, days, values = zip(*rows, strict=True) if rows else ((), (), ())
    return Log(
        np.array(customers, np.int64),
        np.rint((START + np.array(days, np.float64)) * MICROS_A_DAY).astype(np.int64),
        np.array(values, np.float64),
    )


def shop_drawn(customers: int, days: int, seed: int = 0) -> Log:
    """A shop that the models are made for: r .7, alpha 60, a .8, b 2.5."""
    draw = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        rate, leaves = draw.gamma(0.7, 1 / 60), draw.beta(0.8, 2.5)
        scale = draw.gamma(4, 1 / 60)
        when = draw.uniform(0, days * 0.7)
        while when < days:
            rows.append((customer, when, round(draw.gamma(6, 1 / scale) + 0.01, 2)))
            if draw.random() < leaves:
                break
            when += draw.exponential(1 / rate)
    return log(rows)


def _often(customer: int, count: int, days: int) -> list[tuple[int, float, float]]:
    return [(customer, i * days / count, 20.0) for i in range(count)]


def _shops() -> dict[str, Log]:
    days = 400
    draw = np.random.default_rng(1)
    usual = shop_drawn(200, days)
    reseller = log(_often(1_000, 2_001, 2_200))
    twice = [
        (c, d + hour, 5.0) for c in range(60) for d in range(0, days, 9) for hour in (0.3, 0.8)
    ]
    alike = [(c, float(d), 10.0) for c in range(300) for d in (0, 100, 200)]
    loyal = [(c, float(d + c % 7), 10.0 + c) for c in range(120) for d in range(0, days, 30)]
    return {
        "empty": log([]),
        "one customer, one order": log([(0, 100, 10.0)]),
        "one customer, many orders": log(_often(0, 50, days)),
        "one-time buyers only": log([(c, draw.uniform(0, days), 9.99) for c in range(600)]),
        "twice a day": log(twice),
        "identical customers": log(alike),
        "nobody ever leaves": log(loyal),
        "all on one day": log([(c, 100, 5.0) for c in range(600)]),
        "zero orders only": log([(c, c % days, 0.0) for c in range(600)]),
        "negative orders only": log([(c, c % days, -5.0) for c in range(600)]),
        "not a number": log([(c, c % days, np.nan) for c in range(300)]),
        "infinite": log([(c, c % days, np.inf) for c in range(300)]),
        "everything given back": _concatenated(usual, _negated(usual)),
        "huge values": Log(usual.customer, usual.time, usual.value * 1e9),
        "tiny values": Log(usual.customer, usual.time, usual.value * 1e-3 + 1e-3),
        "the same price always": Log(usual.customer, usual.time, np.full(len(usual), 25.0)),
        "a reseller with 2,000 orders": _concatenated(usual, reseller),
        "resellers only": log([row for c in range(30) for row in _often(c, 390, days)]),
    }


def _negated(shop: Log) -> Log:
    return Log(shop.customer, shop.time + 1, -shop.value)


def _concatenated(one: Log, other: Log) -> Log:
    return Log(
        *(
            np.concatenate((getattr(one, name), getattr(other, name)))
            for name in ("customer", "time", "value")
        )
    )


SHOPS = _shops()
