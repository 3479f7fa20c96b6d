"""The picture of the personas: one bar for everyone, then a bar for each. Coordinates only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from segments.library.personas import Division, PersonaFigures

WIDTH = 720
LABEL = 190
NUMBER = 120
ROW = 26
BAR = 14
TOP = 8
GAP = 8


@dataclass(frozen=True)
class PersonaBar:
    """A bar of a persona: its own people, and among them those who are in others, too."""

    persona: PersonaFigures
    top: float
    middle: float
    width: float
    end: float
    """Where its number stands."""


@dataclass(frozen=True)
class PersonaPicture:
    width: int
    height: int
    label: int
    """Where bars begin."""
    bar: int
    """Height of a bar."""
    bars: tuple[PersonaBar, ...]
    whole: tuple[tuple[str, float, float], ...]
    """Everyone in parts, on one bar: level of the colour, where it begins, width."""


def picture_of(division: Division) -> PersonaPicture:
    """A bar for each persona; the longest one fills the room."""
    most = max((persona.count or 0 for persona in division.personas), default=0)
    room = WIDTH - LABEL - NUMBER
    bars = []
    for place, persona in enumerate(division.personas):
        top = TOP + place * ROW
        width = round(room * (persona.count or 0) / most, 1) if most else 0.0
        bars.append(PersonaBar(persona, top, top + BAR / 2, width, LABEL + width + GAP))
    height = 2 * TOP + ROW * len(bars)
    return PersonaPicture(WIDTH, height, LABEL, BAR, tuple(bars), tuple(_whole(division)))


def _whole(division: Division) -> Iterator[tuple[str, float, float]]:
    start = 0.0
    for level, count, _percent in division.parts:
        width = WIDTH * count / division.total if division.total else 0.0
        yield level, round(start, 1), round(width, 1)
        start += width
