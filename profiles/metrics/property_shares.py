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
RARE = 0.005
"""A smaller share is rounded to no percent."""


@dataclass(frozen=True)
class PropertyShare:
    """A property, in which share of the events it is set, and its most frequent values."""

    about: Property
    share: float
    """0 to 1."""
    values: tuple[tuple[str, float], ...]
    """Each with its share of the events that have the property, from 0 to 1; of lists, items."""

    @property
    def share_text(self) -> str:
        return percent(self.share)

    @property
    def value_texts(self) -> list[tuple[str, str]]:
        """The values with their shares in words; without shares if each value is rare."""
        are_rare = all(share < RARE for _text, share in self.values)
        return [(text, "" if are_rare else percent(share)) for text, share in self.values]


def percent(share: float) -> str:
    """A share from 0 to 1 in whole percent; small ones are not shown as none."""
    return f"{round(100 * share)} %" if share >= RARE or not share else "< 1 %"


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
