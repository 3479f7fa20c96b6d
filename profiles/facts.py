"""The names of facts about people: what a change touched and what a condition reads.

Segments that read none of the facts a change touched need no second look.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final


class FactKind(StrEnum):
    """What a fact is about."""

    METRIC = "metric"
    """Events of a metric, by its key."""
    ATTRIBUTE = "attribute"
    PROPERTY = "property"
    GROUP = "group"
    """A list or a segment, by its key: definitions do not tell them apart."""
    CONSENT = "consent"
    """By channel; suppressions are part of it."""
    PREDICTION = "prediction"
    PLACE = "place"
    """Where the person is: coordinates, and what they are worked out from."""
    EXISTS = "exists"
    """The profile was made, merged or erased: every segment looks."""


class FactKey(str):
    """The name of a fact, such as `metric:Xy12`, `property:Favourite colour` or `place`.

    It equals the text that rows hold, so that sets of both can be compared as they are.
    """

    __slots__ = ()

    def __new__(cls, kind: str, name: str | None = None) -> FactKey:
        return super().__new__(cls, kind if name is None else f"{kind}:{name}")

    @classmethod
    def parse(cls, text: str) -> FactKey:
        """The key that a row holds as text; of a kind that this version may not know."""
        return cls(text)

    @property
    def kind(self) -> str:
        """One of FactKind."""
        return self.partition(":")[0]

    @property
    def name(self) -> str:
        """Which fact of its kind; empty for a kind of which there is one."""
        return self.partition(":")[2]


PLACE: Final = FactKey(FactKind.PLACE)
EXISTS: Final = FactKey(FactKind.EXISTS)
_MOST_CACHED = 1 << 12
"""Keys of each kind that are made once: every event that is stored names its metric's."""


@lru_cache(_MOST_CACHED)
def metric(metric_key: str) -> FactKey:
    return FactKey(FactKind.METRIC, metric_key)


@lru_cache(_MOST_CACHED)
def attribute(name: str) -> FactKey:
    return FactKey(FactKind.ATTRIBUTE, name)


@lru_cache(_MOST_CACHED)
def profile_property(name: str) -> FactKey:
    return FactKey(FactKind.PROPERTY, name)


@lru_cache(_MOST_CACHED)
def group(key: str) -> FactKey:
    return FactKey(FactKind.GROUP, key)


@lru_cache(_MOST_CACHED)
def consent(channel: str) -> FactKey:
    return FactKey(FactKind.CONSENT, channel)


@lru_cache(_MOST_CACHED)
def prediction(dimension: str) -> FactKey:
    return FactKey(FactKind.PREDICTION, dimension)
