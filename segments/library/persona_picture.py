"""The picture of the personas: one bar for everyone, then a bar for each. Coordinates only."""

from __future__ import annotations

from dataclasses import dataclass

from segments.library.personas import Division, Persona

WIDTH = 720
LABEL = 190
NUMBER = 120
ROW = 26
BAR = 14
TOP = 8


@dataclass(frozen=True)
class Bar:
    """A bar of a persona: its own people, and among them those who are in others, too."""

    persona: Persona
    top: float
    middle: float
    width: float


@dataclass(frozen=True)
class PersonaPicture:
    width: int
    height: int
    label: int
    """Where bars begin."""
    bar: int
    """Height of a bar."""
    bars: tuple[Bar, ...]


def picture_of(division: Division) -> PersonaPicture:
    """A bar for each persona; the longest one fills the room."""
    most = max((persona.count or 0 for persona in division.personas), default=0)
    room = WIDTH - LABEL - NUMBER
    bars = tuple(
        Bar(
            persona,
            TOP + place * ROW,
            TOP + place * ROW + BAR / 2,
            round(room * (persona.count or 0) / most, 1) if most else 0.0,
        )
        for place, persona in enumerate(division.personas)
    )
    height = 2 * TOP + ROW * len(bars)
    return PersonaPicture(WIDTH, height, LABEL, BAR, bars)
