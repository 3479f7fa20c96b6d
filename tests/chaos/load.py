"""Programs that send events and changes of people, try again until answered, and remember what.

Only what was answered with 2xx counts as acknowledged.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from random import Random
from threading import Event, Thread
from typing import Any

from bench.client import Client, Json, many_events, one_event, person
from segmenter.kernel.clock import now
from tests.chaos import shop
from tests.chaos.clock import true_now

PACE = 0.25
"""Seconds from one request of a program to its next."""
BULK = 10
"""Events of a bulk request."""
SETTLED = timedelta(seconds=180)
"""Time after the load in which every window of hours has ended."""


@dataclass
class Values:
    """The values sent for one property of one person, in order."""

    sent: list[Any] = field(default_factory=list)
    acknowledged: int = -1
    """Index of the last one that was acknowledged."""
    abandoned: set[int] = field(default_factory=set)
    """Indices of those of which a request may still be under way somewhere."""

    @property
    def allowed(self) -> list[Any]:
        """The values that may be stored now."""
        late = [self.sent[i] for i in self.abandoned]
        return self.sent[max(self.acknowledged, 0) :] + late


@dataclass
class Record:
    """What one program sent."""

    sent: set[str] = field(default_factory=set)
    """unique_id of every event, acknowledged or not."""
    acknowledged: dict[str, tuple[str, str]] = field(default_factory=dict)
    """unique_id to metric and person."""
    values: dict[tuple[str, str], Values] = field(default_factory=dict)
    """By person and property."""
    tags: dict[str, set[str]] = field(default_factory=dict)
    """Acknowledged, by person."""
    answers: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


Repeatable = deque[tuple[tuple[str, Json], Sequence[Json]]]


class Program(Thread):
    """One of several programs of the shop; it alone changes the people that are its own."""

    def __init__(
        self, number: int, of: int, client: Client, ends: datetime, recent: Repeatable
    ) -> None:
        super().__init__(name=f"program {number}", daemon=True)
        self.number, self.client, self.ends, self.recent = number, client, ends, recent
        self.own = [f"p-{n}" for n in range(number, shop.PEOPLE, of)]
        self.dice = Random(number)
        self.record = Record()
        self.count = 0
        self.over, self.give_up = Event(), Event()

    def run(self) -> None:
        try:
            while not self.over.is_set():
                started = time.monotonic()
                self._once()
                self.over.wait(max(0.0, PACE - (time.monotonic() - started)))
        except Exception as error:
            self.record.problems.append(f"{self.name} ended: {error!r}")
            raise
        finally:
            self.client.close()

    def _once(self) -> None:
        chance = self.dice.random()
        if chance < 0.05 and self.recent:
            request, events = self.dice.choice(list(self.recent))
            self._send_events(request, events)  # once more, perhaps while somebody else does
        elif chance < 0.50:
            events = [self._event()]
            self._send_events(one_event(events[0]), events)
        elif chance < 0.65:
            events = [self._event() for _ in range(BULK)]
            self._send_events(many_events(events), events)
        else:
            self._change_person()

    def _event(self) -> Json:
        self.count += 1
        who = f"p-{self.dice.randrange(shop.PEOPLE)}"
        if self.dice.random() < 0.05:
            who = f"n-{self.number}-{self.count // 40}"
        metric = self.dice.choice(shop.METRICS[:4])
        return shop.event(self.dice, who, metric, self._time(), f"e-{self.number}-{self.count}")

    def _time(self) -> datetime:
        """Now, lately, long ago, soon, or just before the windows of hours end."""
        at = true_now()
        if self.dice.random() < 0.5:  # as the server has it, but no further than it may be right
            at = min(now(), at + timedelta(days=300))
        chance = self.dice.random()
        window = timedelta(hours=shop.HOURS)
        time = at
        if chance < 0.2:
            time = at - window + timedelta(seconds=self.dice.uniform(2, 40))
        elif chance < 0.45:
            time = at - timedelta(hours=self.dice.uniform(0, 48))
        elif chance < 0.6:
            time = at - timedelta(days=self.dice.uniform(0, 100))
        elif chance < 0.65:
            time = at + timedelta(seconds=self.dice.uniform(1, 10))
        if time > self.ends or self.ends < time + window < self.ends + SETTLED:
            return at
        return time

    def _send_events(self, request: tuple[str, Json], events: Sequence[Json]) -> None:
        self.record.sent.update(event["unique_id"] for event in events)
        self.recent.append((request, events))
        if self._deliver(request):
            for event in events:
                who = event["profile"]["external_id"]
                self.record.acknowledged[event["unique_id"]] = event["metric"], who

    def _change_person(self) -> None:
        who, properties, tag = self.dice.choice(self.own), {}, None
        changed_values: list[Values] = []
        for name, value in (
            ("Level", self.count % 11),
            ("Colour", self.dice.choice(shop.COLOURS)),
        ):
            if self.dice.random() < 0.7:
                properties[name] = value
                values = self.record.values.setdefault((who, name), Values())
                values.sent.append(value)
                changed_values.append(values)
        if not properties or self.dice.random() < 0.2:
            tag = self.dice.choice(shop.TAGS)
        self.count += 1

        def abandoned() -> None:
            for values in changed_values:
                values.abandoned.add(len(values.sent) - 1)

        profile = {"external_id": who, "properties": properties}
        if self._deliver(person(profile, {"Tags": [tag]} if tag else None), abandoned):
            for values in changed_values:
                values.acknowledged = len(values.sent) - 1
            if tag:
                self.record.tags.setdefault(who, set()).add(tag)

    def _deliver(
        self, request: tuple[str, Json], abandoned: Callable[[], None] = lambda: None
    ) -> bool:
        """Send until answered; return whether it was acknowledged."""
        while True:
            try:
                status, body = self.client.post(*request)
            except TimeoutError:
                self.record.answers["no answer in time"] += 1
                abandoned()
            except (OSError, HTTPException) as error:
                self.record.answers[type(error).__name__] += 1
            else:
                self.record.answers[str(status)] += 1
                if status < 500:
                    if status >= 300 or b'"rejected"' in body:
                        self.record.problems.append(f"{status}: {body[:500]!r}")
                    return status < 300
            if self.give_up.wait(0.1):
                return False
