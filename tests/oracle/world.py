"""The facts an oracle run sees: people, events and what surrounds them, in the exchange format.

Owns finding a person's own facts; must not decide what a condition means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

Json = dict[str, Any]
Coordinates = tuple[float, float]


@dataclass(frozen=True)
class World:
    """One account's facts.

    `people` and `events` are JSON objects of the exchange format, `zone` an IANA name. `segments`
    maps a key to its definition; `entered` maps (segment key, person index) to the ISO moment of
    entering. `predictions` holds one mapping of dimension to value per person and may be empty.
    `places` maps (ISO alpha-3 country, postal code) and `cities` (ISO alpha-3 country, city) to
    (latitude, longitude) in degrees. `ids` are the people's public ids, needed by samples only.
    """

    people: Sequence[Json]
    events: Sequence[Json] = ()
    zone: str = "UTC"
    segments: Mapping[str, Json] = field(default_factory=dict)
    entered: Mapping[tuple[str, int], str] = field(default_factory=dict)
    predictions: Sequence[Json] = ()
    places: Mapping[tuple[str, str], Coordinates] = field(default_factory=dict)
    cities: Mapping[tuple[str, str], Coordinates] = field(default_factory=dict)
    ids: Sequence[str] = ()

    @property
    def tz(self) -> ZoneInfo:
        """Return the account's zone."""
        return ZoneInfo(self.zone)

    def events_of(self, person: int, metric: str) -> list[Json]:
        """Return the person's events of a metric, a repeated unique_id only once."""
        events: list[Json] = []
        unique_ids: set[str] = set()
        for event in self.events:
            if event["metric"] != metric or not self._belongs(event, person):
                continue
            unique = event.get("unique_id")
            if unique is not None and unique in unique_ids:
                continue
            if unique is not None:
                unique_ids.add(unique)
            events.append(event)
        return events

    def _belongs(self, event: Json, person: int) -> bool:
        identifiers = event["profile"]
        mine = self.people[person]
        return any(
            identifiers.get(name) is not None and identifiers[name] == mine.get(name)
            for name in ("external_id", "email", "phone_number", "anonymous_id")
        )


def instant(text: str) -> datetime:
    """Read the system's own ISO moment, which always has a zone, as an aware UTC datetime."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a zone: {text!r}")
    return moment.astimezone(UTC)


def is_number(value: object) -> bool:
    """Tell whether a JSON value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(left: Any, right: Any) -> bool:
    """Compare two JSON values: 5 and 5.0 are the same, 1 and true are not, nor 5 and "5".

    Texts are compared in their composed form.
    """
    if is_number(left) and is_number(right):
        return bool(left == right)
    if type(left) is not type(right):
        return False
    if isinstance(left, str):
        return normalize("NFC", left) == normalize("NFC", right)
    if isinstance(left, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


def different(values: list[Any]) -> list[Any]:
    """Return the values without repetitions."""
    distinct: list[Any] = []
    for value in values:
        if not any(same(value, other) for other in distinct):
            distinct.append(value)
    return distinct
