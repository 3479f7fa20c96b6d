"""Which properties the latest events of a metric carry, how often, and with which values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from profiles import display
from profiles.models import Property

LATEST = 1_000
"""Events that are looked at."""
MOST_VALUES = 5
MOST_LENGTH = 60


@dataclass(frozen=True)
class PropertyShare:
    """A property, in which share of the events it is set, and its most frequent values."""

    property: Property
    share: float
    """0 to 1."""
    values: tuple[tuple[str, float], ...]
    """Each with its share of the events that have the property; of lists, of their items."""


def property_shares(
    properties: Iterable[Property], events: Sequence[Mapping[str, Any]]
) -> list[PropertyShare]:
    """What some events say of each property, in the order of the properties."""
    values: dict[str, Counter[str]] = defaultdict(Counter)
    carriers: Counter[str] = Counter()
    for content in events:
        for name, value in content.items():
            if value is None:
                continue
            carriers[name] += 1
            items = value if isinstance(value, list) else [value]
            values[name].update({_short(display.words(item)) for item in items if item is not None})
    return [
        PropertyShare(
            row,
            carriers[row.name] / len(events) if events else 0.0,
            tuple(
                (text, number / carriers[row.name])
                for text, number in values[row.name].most_common(MOST_VALUES)
            ),
        )
        for row in properties
    ]


def _short(text: str) -> str:
    return text if len(text) <= MOST_LENGTH else text[: MOST_LENGTH - 1] + "…"
