"""What an account's data offers for the parameters of ready-made segments. Reads only.

Everything is read once, on first use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Protocol

import numpy as np
from django.db.models import Count

from profiles.columns.column import Bools, Column, ValueKind
from profiles.columns.events import VALUE, Events
from profiles.columns.gather import everyone
from profiles.columns.people import People
from profiles.columns.population import Population
from profiles.models import List
from profiles.places import country_code, country_name
from segmenter.accounts.models import Account
from segments.definition.paths import parse_path
from segments.definition.tree import Names
from segments.engine.vocabulary import Catalog
from segments.library.conditions import CLICK, EMAIL, OPEN, ORDER
from segments.library.home_country import country_of_zone

Floats = np.typing.NDArray[np.float64]
COUNTRY = "location['country']"
CAMPAIGN = "Campaign Name"
USUAL_ORDER = 100.0
"""The average order value of an account without orders."""
USUAL_LOW_SUM = 50.0
_NEWSLETTER_WORDS = ("newsletter", "nyhetsbrev", "newslet", "biuletyn")
_CENTS = 2


class DefaultValues(Protocol):
    """Where parameters find their defaults."""

    @property
    def today(self) -> date: ...

    @property
    def country(self) -> str:
        """ISO alpha-2 code."""

    @property
    def average_order_value(self) -> float: ...

    @property
    def lowest_third(self) -> float:
        """A third of those who ordered have spent at most this."""

    @property
    def lists(self) -> Mapping[str, str]:
        """Key to name."""

    @property
    def newsletter(self) -> str:
        """Key of the list; empty for none."""

    @property
    def campaigns(self) -> list[str]:
        """Names, the latest first."""

    def metric_key(self, name: str) -> str | None: ...

    def of_people(self, path: str) -> Mapping[str, int]:
        """The texts of a property, the most common first, with the number of people."""

    def of_events(self, metric: str, property_: str) -> Mapping[str, int]:
        """The texts of a property of a metric's events, the most common first."""

    def types(self, path: str) -> frozenset[str]:
        """The types that a property of people has had."""

    @property
    def names(self) -> Names: ...

    @property
    def closed_predictions(self) -> Mapping[str, str]:
        """Predictions that there are none of now, each with the reason."""


class NoValues:
    """No account: every parameter has the default of the documentation."""

    today = date(2026, 3, 1)
    country = "US"
    average_order_value = USUAL_ORDER
    lowest_third = USUAL_LOW_SUM
    lists: Mapping[str, str] = {"Newsletter": "Newsletter"}
    newsletter = "Newsletter"

    def __init__(self) -> None:
        self.campaigns = ["Spring"]

    def metric_key(self, name: str) -> str | None:
        return name

    def of_people(self, path: str) -> Mapping[str, int]:
        return {}

    def of_events(self, metric: str, property_: str) -> Mapping[str, int]:
        return {}

    def types(self, path: str) -> frozenset[str]:
        return frozenset()

    @property
    def names(self) -> Names:
        return self

    @property
    def closed_predictions(self) -> Mapping[str, str]:
        return {}

    def metric(self, key: str) -> str:
        return key

    def group(self, key: str) -> str:
        return key


class AccountValues:
    """The values of one account at a moment."""

    def __init__(self, account: Account, at: datetime) -> None:
        self.account = account
        self.at = at
        self.today = at.astimezone(account.zone).date()
        self.catalog = Catalog(account)
        self._people_values: dict[str, Mapping[str, int]] = {}

    @cached_property
    def people(self) -> People:
        """Everyone, read once."""
        return everyone(self.account)

    @cached_property
    def _metric_keys(self) -> dict[str, str]:
        """Folded name to key; the exact name wins, then the first in alphabetical order."""
        metrics = sorted(self.catalog.metrics.items(), key=lambda one: one[1], reverse=True)
        return {name.casefold(): key for key, name in metrics}

    @cached_property
    def _exact_keys(self) -> dict[str, str]:
        return {name: key for key, name in self.catalog.metrics.items()}

    def metric_key(self, name: str) -> str | None:
        return self._exact_keys.get(name) or self._metric_keys.get(name.casefold())

    @cached_property
    def country(self) -> str:
        """Where the shop is: by its time zone, else where most of its people live."""
        return country_of_zone(self.account.time_zone) or self._common_country() or "US"

    def _common_country(self) -> str | None:
        codes = map(country_code, self.of_people(COUNTRY))
        return next((code for code in codes if code), None)

    # --- lists and campaigns ---

    @cached_property
    def lists(self) -> Mapping[str, str]:
        """The largest first."""
        lists = List.objects.filter(account=self.account).annotate(size=Count("members"))
        return dict(lists.order_by("-size", "name").values_list("key", "name"))

    @cached_property
    def newsletter(self) -> str:
        """The list whose name says newsletter, else the largest one."""
        for word in _NEWSLETTER_WORDS:
            for key, name in self.lists.items():
                if word in name.casefold():
                    return key
        return next(iter(self.lists), "")

    @cached_property
    def campaigns(self) -> list[str]:
        """The campaigns of e-mails that were received, the latest first; else of other events."""
        return next(filter(None, map(self._campaigns_of, (EMAIL, CLICK, OPEN))), [])

    def _campaigns_of(self, metric: str) -> list[str]:
        latest: dict[str, int] = {}
        for events, keep in self._events(metric):
            column = events.column(CAMPAIGN)
            rows = column.set_rows if keep is None else np.flatnonzero(column.is_set & keep)
            times = np.full(len(column.values), np.iinfo(np.int64).min)
            np.maximum.at(times, column.codes[rows], events.when[rows])
            for position in np.flatnonzero(times > np.iinfo(np.int64).min).tolist():
                name = column.values.at(position)
                if isinstance(name, str):
                    latest[name] = max(latest.get(name, 0), int(times[position]))
        return sorted(latest, key=lambda name: (-latest[name], name))

    # --- orders ---

    @cached_property
    def average_order_value(self) -> float:
        """The mean value of all orders that have one; USUAL_ORDER without orders."""
        values = [
            events.values[events.rows] if keep is None else events.values[events.rows][keep]
            for events, keep in self._events(ORDER)
        ]
        amounts = _numbers(values)
        return round(float(amounts.mean()), _CENTS) if len(amounts) else USUAL_ORDER

    @cached_property
    def lowest_third(self) -> float:
        """The sum of orders below which a third of the buyers are."""
        sums = []
        for events, keep in self._events(ORDER):
            own = events if keep is None else events.where(keep)
            sums.append(own.sum(VALUE)[own.count() > 0])
        amounts = _numbers(sums)
        return round(float(np.quantile(amounts, 1 / 3)), _CENTS) if len(amounts) else USUAL_LOW_SUM

    def _events(self, metric: str) -> Iterator[tuple[Events, Bools | None]]:
        """The events of a metric by part of the people, and which of them are to be read."""
        key = self.metric_key(metric)
        if key is None:
            return
        for people, share in self.people.shares:
            events = people.events(key)
            yield events, None if share is None else share[events.who]

    # --- properties ---

    def of_people(self, path: str) -> Mapping[str, int]:
        if path not in self._people_values:
            counts: Counter[str] = Counter()
            for people, share in self.people.shares:
                column = _column(people, path)
                if column is not None:
                    _count(column if share is None else column.where(share), counts)
            self._people_values[path] = _by_frequency(counts)
        return self._people_values[path]

    def of_events(self, metric: str, property_: str) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for events, keep in self._events(metric):
            column = events.column(property_)
            _count(column if keep is None else column.where(keep), counts)
        return _by_frequency(counts)

    def types(self, path: str) -> frozenset[str]:
        return self.catalog.types("profile", path)

    @property
    def names(self) -> Names:
        return self.catalog

    @property
    def closed_predictions(self) -> Mapping[str, str]:
        return self.catalog.closed_predictions


def spellings(values: DefaultValues, name: str) -> list[str]:
    """The spellings of a country among the people, the most common first; else its name."""
    code = country_code(name)
    others = [text for text in values.of_people(COUNTRY) if code and country_code(text) == code]
    return others or [country_name(code) or name if code else name]


def _column(people: Population, path: str) -> Column | None:
    parsed = parse_path(path)
    return None if parsed is None else parsed.column(people)


def _count(column: Column, counts: Counter[str]) -> None:
    """Add the texts of a column, and the texts in its lists."""
    frequency, values = column.counts(), column.values
    for position in np.flatnonzero(values.of(ValueKind.TEXT) & (frequency > 0)).tolist():
        counts[values.at(position)] += int(frequency[position])
    for position, items in values.lists.items():
        for item in {each for each in items if isinstance(each, str)}:
            counts[item] += int(frequency[position])


def _by_frequency(counts: Counter[str]) -> dict[str, int]:
    texts = ((text, count) for text, count in counts.items() if text and count)
    return dict(sorted(texts, key=lambda one: (-one[1], one[0])))


def _numbers(parts: list[Floats]) -> Floats:
    """The parts together, without what is no number."""
    amounts = np.concatenate(parts) if parts else np.zeros(0)
    return amounts[np.isfinite(amounts)]
