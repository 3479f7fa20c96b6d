"""A made-up shop: 5,000 people and two years of their events, from a seed.

The same seed, size and end give the same data; `people` and `events` are about the same people.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

from profiles.demo.journeys import Journey
from profiles.demo.mailings import email_mailings, text_mailings
from profiles.demo.people import invent
from profiles.demo.records import profile_record
from profiles.demo.seasons import Seasons

ACCOUNT_SLUG = "fjord-and-field"
ACCOUNT_NAME = "Fjord & Field (made-up shop)"
TIME_ZONE = "Europe/Stockholm"


def people(*, seed: int = 1, size: int = 5000, ends: datetime) -> Iterator[dict[str, Any]]:
    """Yield the shop's people as exchange-format profiles.

    `ends` is the aware moment at which the data ends: the start of a day in the shop's time zone.
    A smaller `size` gives the first of the same people.
    """
    end = int(ends.timestamp())
    for person in invent(seed=seed, size=size, ends=ends):
        yield profile_record(person, seed=seed, end=end)


def events(*, seed: int = 1, size: int = 5000, ends: datetime) -> Iterator[dict[str, Any]]:
    """Yield the same people's events of the two years before `ends`, in the exchange format.

    One person after the other, so not in the order of time. Each event's `unique_id` is stable.
    """
    seasons = Seasons.until(ends)
    emails = email_mailings(end=seasons.end, last_day=ends.date())
    texts = text_mailings(end=seasons.end, last_day=ends.date())
    for person in invent(seed=seed, size=size, ends=ends):
        record = profile_record(person, seed=seed, end=seasons.end)
        draw = Random(f"journeys {seed} {person.number}")
        journey = Journey(person=person, draw=draw, end=seasons.end)
        journey.fill_in_forms(quiz="Quiz answer" in record["properties"])
        journey.read_emails(emails)
        journey.read_texts(texts)
        journey.visit(seasons)
        journey.buy(emails)
        yield from journey.events
