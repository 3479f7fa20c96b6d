"""The instants that conditions compare with a time window, read from columns or by SQL.

A condition declares which `Dates` it compares. The engine reads them to find out who crosses the
edge of a window, and when. Windows themselves are defined elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from profiles import facts
from profiles.columns.column import Bools, Column, Instants
from profiles.columns.events import Numbers
from profiles.columns.population import Population
from profiles.consent_words import SuppressionReason
from profiles.facts import FactKey

InstantTest = Callable[[Instants], Bools]


@dataclass(frozen=True)
class Dates:
    """Instants of people, of one kind."""

    @property
    def fact(self) -> FactKey:
        """The fact (`profiles.facts`) that they belong to."""
        raise NotImplementedError

    def instants(self, people: Population) -> tuple[Numbers, Instants]:
        """Profile numbers (int32[k]) and instants (int64[k] microseconds).

        A person may have several instants or none.
        """
        raise NotImplementedError

    @property
    def sql(self) -> str:
        """A query for the profile ids with an instant in [%(start)s, %(end)s) in %(account)s.

        Its other parameters are the fields of this object. Empty if only columns have the answer.
        """
        return ""

    def any_within(self, people: Population, start: int, end: int) -> bool:
        """Whether anybody has an instant in [start, end), microseconds."""
        _, when = self.instants(people)
        return bool(((when >= start) & (when < end)).any())

    def among(self, people: Population, test: InstantTest) -> Bools:
        """bool[n]: who has an instant that passes `test`."""
        profiles, when = self.instants(people)
        matches = people.nobody()
        matches[profiles[test(when)]] = True
        return matches


@dataclass(frozen=True)
class EventTimes(Dates):
    """When events of a metric happened."""

    metric: str

    @property
    def fact(self) -> FactKey:
        return facts.metric(self.metric)

    @property
    def sql(self) -> str:
        return """SELECT DISTINCT profile_id FROM profiles_event
            WHERE account_id = %(account)s AND time >= %(start)s AND time < %(end)s
            AND metric_id = (SELECT id FROM profiles_metric
                             WHERE account_id = %(account)s AND key = %(metric)s)"""

    def instants(self, people: Population) -> tuple[Numbers, Instants]:
        events = people.events(self.metric)
        return events.who, events.when

    def any_within(self, people: Population, start: int, end: int) -> bool:
        return len(people.events(self.metric).within(start, end)) > 0


@dataclass(frozen=True)
class EventPropertyDates(Dates):
    """The dates in a property of a metric's events."""

    metric: str
    name: str

    @property
    def fact(self) -> FactKey:
        return facts.metric(self.metric)

    def instants(self, people: Population) -> tuple[Numbers, Instants]:
        events = people.events(self.metric)
        rows, when = _of_column(events.column(self.name), people)
        return events.who[rows], when


@dataclass(frozen=True)
class AttributeDates(Dates):
    """A date that every profile may have, such as `created`."""

    name: str

    @property
    def fact(self) -> FactKey:
        return facts.attribute(self.name)

    @property
    def sql(self) -> str:
        if self.name not in {"created", "updated", "first_active", "last_active"}:
            return ""
        return f"""SELECT id FROM profiles_profile WHERE account_id = %(account)s
            AND {self.name} >= %(start)s AND {self.name} < %(end)s"""

    def instants(self, people: Population) -> tuple[Numbers, Instants]:
        return _of_column(people.attribute(self.name), people)


@dataclass(frozen=True)
class PropertyDates(Dates):
    """The dates in a custom property of profiles."""

    name: str

    @property
    def fact(self) -> FactKey:
        return facts.profile_property(self.name)

    def instants(self, people: Population) -> tuple[Numbers, Instants]:
        return _of_column(people.profile_property(self.name), people)


@dataclass(frozen=True)
class GroupDates(Dates):
    """Since when people are on a list or in a segment."""

    key: str

    @property
    def fact(self) -> FactKey:
        return facts.group(self.key)

    @property
    def sql(self) -> str:
        """For lists only; members of segments are stored by the app above."""
        return """SELECT profile_id FROM profiles_listmember
            WHERE joined >= %(start)s AND joined < %(end)s
            AND list_id = (SELECT id FROM profiles_list
                           WHERE account_id = %(account)s AND key = %(key)s)"""

    def instants(self, people: Population) -> tuple[Numbers, Instants]:
        group = people.group(self.key)
        return group.profiles, group.since


@dataclass(frozen=True)
class ConsentDates(Dates):
    """When people agreed or refused on a channel (`status_date`), or when it was `recorded`."""

    channel: str
    field: str

    @property
    def fact(self) -> FactKey:
        return facts.consent(self.channel)

    @property
    def sql(self) -> str:
        if self.field != "status_date":
            return ""
        return """SELECT profile_id FROM profiles_consent
            WHERE account_id = %(account)s AND channel = %(channel)s
            AND status_date >= %(start)s AND status_date < %(end)s"""

    def instants(self, people: Population) -> tuple[Numbers, Instants]:
        return _of_column(people.consent(self.channel, self.field), people)


@dataclass(frozen=True)
class SuppressionDates(Dates):
    """When people were suppressed on a channel, for any reason."""

    channel: str

    @property
    def fact(self) -> FactKey:
        return facts.consent(self.channel)

    @property
    def sql(self) -> str:
        return """SELECT profile_id FROM profiles_suppression
            WHERE account_id = %(account)s AND channel = %(channel)s
            AND date >= %(start)s AND date < %(end)s"""

    def instants(self, people: Population) -> tuple[Numbers, Instants]:
        columns = [
            _of_column(people.suppression(self.channel, reason), people)
            for reason in SuppressionReason.values
        ]
        profiles, when = zip(*columns, strict=True)
        return np.concatenate(profiles), np.concatenate(when)


@dataclass(frozen=True)
class PredictedDates(Dates):
    """Dates that a model expects."""

    dimension: str

    @property
    def fact(self) -> FactKey:
        return facts.prediction(self.dimension)

    def instants(self, people: Population) -> tuple[Numbers, Instants]:
        return _of_column(people.prediction(self.dimension), people)


def _of_column(column: Column, people: Population) -> tuple[Numbers, Instants]:
    rows = np.flatnonzero(column.is_set).astype(np.int32)
    return rows, column.values.instants(people.zone)[column.codes[rows]]
