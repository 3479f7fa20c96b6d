"""Draws the large shop: events chunk by chunk in the order received, then people. Arrays only.

The same seed, sizes and end give the same arrays. People are numbered from 0 in the order in which
they came; a few do most (weights by a Pareto law), and every day brings more than the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.large_shop import catalogue

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Generator = np.random.Generator

DAY = 86_400_000_000
"""Microseconds."""
DAYS = 3 * 365
CHUNK = 1_000_000
"""Events drawn at a time."""
_GROWTH = 2.0
"""The last day has e to this power as many events as the first one."""
_AT_FIRST = 0.1
"""Part of the people who were there when it began."""
_PARETO, _MOST = 1.3, 1_000.0
_MAILS = 0.6
"""Part of the journeys that are an e-mail; the others are visits."""
_LATE = 0.01
_LATE_DAYS, _LATEST_DAYS = 20.0, 400.0
_MINUTE = 60_000_000.0


@dataclass(frozen=True)
class EventArrays:
    """m events in the order received. Numbers point into the catalogue; -1 (0) for none."""

    profiles: npt.NDArray[np.int32]
    metrics: npt.NDArray[np.int8]
    times: Ints
    """When they happened: microseconds since 1970, UTC."""
    received: Ints
    values: Floats
    """NaN for none."""
    items: npt.NDArray[np.int16]
    others: npt.NDArray[np.int16]
    """The second item of a checkout or an order."""
    quantities: npt.NDArray[np.int16]
    seconds: npt.NDArray[np.int16]
    """How long a product was looked at."""
    campaigns: npt.NDArray[np.int16]
    terms: npt.NDArray[np.int16]
    codes: npt.NDArray[np.int8]
    """The discount code of an order."""

    def __len__(self) -> int:
        return len(self.profiles)

    def take(self, rows: Ints) -> EventArrays:
        return EventArrays(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class PeopleArrays:
    """People numbered from `first` on. Numbers point into the catalogue; -1 for none."""

    first: int
    created: Ints
    first_names: npt.NDArray[np.int16]
    last_names: npt.NDArray[np.int16]
    domains: npt.NDArray[np.int8]
    """-1: no e-mail address."""
    has_phone: npt.NDArray[np.bool_]
    places: npt.NDArray[np.int16]
    points: npt.NDArray[np.int32]
    colours: npt.NDArray[np.int8]
    sizes: npt.NDArray[np.int8]
    is_vip: npt.NDArray[np.bool_]
    birthdays: npt.NDArray[np.int32]
    """Days since 1970."""
    topics: npt.NDArray[np.int8]
    """A bit for each topic, -1 for unset."""
    email: npt.NDArray[np.int8]
    """1 subscribed, 0 unsubscribed, -1 never asked; `sms` likewise."""
    sms: npt.NDArray[np.int8]
    said: Ints
    """Time of the consent, microseconds."""
    methods: npt.NDArray[np.int8]
    double_opt_in: npt.NDArray[np.bool_]
    suppressed: npt.NDArray[np.int8]
    """The reason."""
    lists: npt.NDArray[np.bool_]
    """bool[n, lists]."""
    joined: Ints

    def __len__(self) -> int:
        return len(self.created)


@dataclass(frozen=True)
class Shop:
    """A made-up shop; the last event is just before `ends`, a whole second."""

    profiles: int
    events: int
    ends: datetime
    seed: int = 1

    @property
    def end(self) -> int:
        return int(self.ends.timestamp()) * 1_000_000

    @property
    def start(self) -> int:
        return self.end - DAYS * DAY

    @property
    def chunks(self) -> int:
        return -(-self.events // CHUNK)

    @cached_property
    def _reach(self) -> Floats:
        """float64[n]: running sum of how much each person does."""
        dice = np.random.default_rng([self.seed, 0])
        weights = np.minimum((1 - dice.random(self.profiles)) ** (-1 / _PARETO), _MOST)
        return np.cumsum(weights)

    @cached_property
    def _habits(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """float32[n] each: how likely they open an e-mail, and buy on a visit."""
        dice = np.random.default_rng([self.seed, 1])
        opens = 0.9 * dice.random(self.profiles, dtype=np.float32)
        return opens, 0.05 + 0.7 * dice.random(self.profiles, dtype=np.float32) ** 2

    def event_chunks(self) -> Iterator[EventArrays]:
        """Yield all events; each chunk is received after the one before (a few hours aside)."""
        for number in range(self.chunks):
            yield self.event_chunk(number)

    def event_chunk(self, number: int) -> EventArrays:
        """Draw one chunk."""
        dice = np.random.default_rng([self.seed, 2, number])
        size = min(CHUNK, self.events - number * CHUNK)
        journeys = size // 2
        parts = [self._journeys(dice, number, journeys)]
        while sum(map(len, parts)) < size:
            parts.append(self._journeys(dice, number, journeys // 4 + 1))
        events = _concatenated(parts)
        sample = np.sort(dice.choice(len(events), size, replace=False, shuffle=False))
        events = events.take(sample)
        happened = np.minimum(events.times, self.end - dice.integers(1, 3_600_000_000, size))
        received = np.minimum(happened + dice.integers(0, 2_000_000, size), self.end)
        lag = np.minimum(dice.exponential(_LATE_DAYS, size), _LATEST_DAYS) * DAY
        late = dice.random(size) < _LATE
        times = np.where(late, happened - lag.astype(np.int64), happened)
        order = np.argsort(received, kind="stable")
        return EventArrays(
            **{
                **{field.name: getattr(events, field.name) for field in fields(events)},
                "times": times,
                "received": received,
            }
        ).take(order)

    def people_chunks(self) -> Iterator[PeopleArrays]:
        """Yield all people, in the order of their numbers."""
        for number, first in enumerate(range(0, self.profiles, CHUNK)):
            yield self._people(number, first, min(CHUNK, self.profiles - first))

    def came(self, people: Ints) -> Ints:
        """int64: when people of these numbers came, microseconds."""
        share = (people / self.profiles - _AT_FIRST) / (1 - _AT_FIRST)
        before = share * 9 * 365 * DAY
        return np.where(share < 0, self.start + before, self._moment(np.maximum(share, 0))).astype(
            np.int64
        )

    def _moment(self, share: Floats) -> Floats:
        """The moment by which so large a part of all events has happened."""
        return self.start + np.log1p(share * np.expm1(_GROWTH)) / _GROWTH * (self.end - self.start)

    def _journeys(self, dice: Generator, number: int, count: int) -> EventArrays:
        share = (number * CHUNK + dice.random(count) * CHUNK) / (self.chunks * CHUNK)
        begin = self._moment(share)
        there = np.maximum(((_AT_FIRST + (1 - _AT_FIRST) * share) * self.profiles), 1)
        reach = self._reach[there.astype(np.int64) - 1]
        who = np.searchsorted(self._reach, dice.random(count) * reach, side="right")
        is_mail = dice.random(count) < _MAILS
        opens, buys = self._habits
        return _concatenated(
            [
                *self._mails(dice, who[is_mail], begin[is_mail], opens),
                *_visits(dice, who[~is_mail], begin[~is_mail], buys),
            ]
        )

    def _mails(
        self, dice: Generator, who: Ints, times: Floats, opens: npt.NDArray[np.float32]
    ) -> Iterator[EventArrays]:
        campaigns = ((times - self.start) / (3.5 * DAY)).astype(np.int16)
        yield _events(catalogue.RECEIVED, who, times, campaigns=campaigns)
        opening = np.flatnonzero(dice.random(len(who)) < opens[who])
        at = times[opening] + dice.exponential(6 * 60 * _MINUTE, len(opening))
        yield _events(catalogue.OPENED, who[opening], at, campaigns=campaigns[opening])
        clicked = np.flatnonzero(dice.random(len(opening)) < 0.25)
        at = at[clicked] + dice.exponential(_MINUTE, len(clicked))
        campaigns = campaigns[opening[clicked]]
        yield _events(catalogue.CLICKED, who[opening[clicked]], at, campaigns=campaigns)

    def _people(self, number: int, first: int, n: int) -> PeopleArrays:
        dice = np.random.default_rng([self.seed, 3, number])
        created = self.came(np.arange(first, first + n))
        place = np.searchsorted(np.cumsum(catalogue.places().shares), dice.random(n))

        def one_of(choices: Any, part: float = 1.0) -> Any:
            indexes = dice.integers(0, len(choices), n, dtype=np.int16)
            return np.where(dice.random(n) < part, indexes, -1).astype(np.int16)

        topics = dice.integers(0, 2 ** len(catalogue.TOPICS), n)
        email, sms = dice.random(n), dice.random(n)
        return PeopleArrays(
            first=first,
            created=created,
            first_names=one_of(catalogue.FIRST_NAMES, 0.95),
            last_names=one_of(catalogue.LAST_NAMES, 0.9),
            domains=one_of(catalogue.DOMAINS, 0.96),
            has_phone=dice.random(n) < 0.35,
            places=np.where(dice.random(n) < 0.92, place, -1).astype(np.int16),
            points=(dice.pareto(1.2, n) * 50).clip(0, 100_000).astype(np.int32),
            colours=one_of(catalogue.COLOURS, 0.6),
            sizes=one_of(catalogue.SIZES, 0.7),
            is_vip=dice.random(n) < 0.03,
            birthdays=np.where(
                dice.random(n) < 0.4, dice.integers(-14_600, 13_000, n), np.iinfo(np.int32).min
            ).astype(np.int32),
            topics=np.where(dice.random(n) < 0.3, topics, -1).astype(np.int8),
            email=np.where(email < 0.7, 1, np.where(email < 0.82, 0, -1)).astype(np.int8),
            sms=np.where(sms < 0.2, 1, np.where(sms < 0.24, 0, -1)).astype(np.int8),
            said=(created + dice.random(n) * (self.end - created)).astype(np.int64),
            methods=one_of(catalogue.METHODS),
            double_opt_in=dice.random(n) < 0.3,
            suppressed=one_of(catalogue.REASONS, 0.03),
            lists=dice.random((n, len(catalogue.LISTS))) < [0.4, 0.02, 0.08],
            joined=(created + dice.random(n) * (self.end - created)).astype(np.int64),
        )


def _visits(
    dice: Generator, who: Ints, begin: Floats, buys: npt.NDArray[np.float32]
) -> Iterator[EventArrays]:
    """What is done on visits, each with an item of its own that comes up again and again."""
    n = len(who)
    shares = np.cumsum(catalogue.POPULARITY / catalogue.POPULARITY.sum())
    shares[-1] = 1.0
    item = np.searchsorted(shares, dice.random(n)).astype(np.int16)
    views = np.minimum(dice.geometric(0.28, n), 60)
    visit = np.repeat(np.arange(n), views)
    place = np.arange(len(visit)) - np.repeat(np.cumsum(views) - views, views)
    at = begin[visit] + (place + dice.random(len(visit))) * 1.5 * _MINUTE
    others = np.searchsorted(shares, dice.random(len(visit))).astype(np.int16)
    items_viewed = np.where(dice.random(len(visit)) < 0.4, item[visit], others)
    seconds = np.minimum(dice.exponential(40, len(visit)) + 1, 600).astype(np.int16)
    yield _events(catalogue.VIEWED, who[visit], at, items=items_viewed, seconds=seconds)
    searched = np.flatnonzero(dice.random(n) < 0.15)
    terms = dice.integers(0, len(catalogue.TERMS), len(searched), dtype=np.int16)
    yield _events(catalogue.SEARCHED, who[searched], begin[searched] - 0.3 * _MINUTE, terms=terms)
    carts = np.flatnonzero(dice.random(n) < np.minimum(buys[who] * 1.6, 1))
    quantities = dice.geometric(0.7, len(carts)).clip(1, 9).astype(np.int16)
    at = begin[carts] + views[carts] * 1.5 * _MINUTE + dice.exponential(_MINUTE, len(carts))
    yield _events(catalogue.CART, who[carts], at, items=item[carts], quantities=quantities)
    began = np.flatnonzero(dice.random(len(carts)) < 0.65)
    at = at[began] + dice.exponential(4 * _MINUTE, len(began))
    items, quantities, of = item[carts[began]], quantities[began], who[carts[began]]
    second = np.searchsorted(shares, dice.random(len(began))).astype(np.int16)
    second = np.where(dice.random(len(began)) < 0.35, second, -1).astype(np.int16)
    values = catalogue.PRICES[items] * quantities + np.append(catalogue.PRICES, 0.0)[second]
    bought = {"items": items, "others": second, "quantities": quantities}
    bought["values"] = np.round(values, 2)
    yield _events(catalogue.CHECKOUT, of, at, **bought)
    ordered = np.flatnonzero(dice.random(len(began)) < 0.7)
    at = at[ordered] + dice.exponential(3 * _MINUTE, len(ordered))
    codes = dice.integers(0, len(catalogue.CODES), len(ordered))
    codes = np.where(dice.random(len(ordered)) < 0.3, codes, -1).astype(np.int8)
    bought = {name: array[ordered] for name, array in bought.items()}
    bought["values"] = np.round(bought["values"] * np.where(codes >= 0, 0.9, 1.0), 2)
    yield _events(catalogue.ORDERED, of[ordered], at, codes=codes, **bought)


def _events(metric: int, who: Any, at: Floats, **columns: Any) -> EventArrays:
    n = len(who)
    none = np.full(n, -1, dtype=np.int16)
    arrays: dict[str, Any] = {
        "values": np.full(n, np.nan),
        "items": none,
        "others": none,
        "quantities": np.zeros(n, dtype=np.int16),
        "seconds": np.zeros(n, dtype=np.int16),
        "campaigns": none,
        "terms": none,
        "codes": none.astype(np.int8),
    }
    times = at.astype(np.int64)
    metrics = np.full(n, metric, dtype=np.int8)
    return EventArrays(who.astype(np.int32), metrics, times, times, **{**arrays, **columns})


def _concatenated(parts: list[EventArrays]) -> EventArrays:
    names = [field.name for field in fields(EventArrays)]
    return EventArrays(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
