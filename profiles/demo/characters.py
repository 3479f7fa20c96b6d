"""The kinds of customers of the shop: how each joins, reads, visits, and whether they buy.

Windows are days before the end of the data, the older end first; 0 is the end itself. They are a
few days away from the windows of the segment library (3 months is 92 days at most, 4 is 123, 6 is
184, 13 is 397).
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TypeAlias

Window: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Character:
    """One kind of person; rates are averages, each person has their own.

    `share` of people; `joined`: window of joining; `buys`: whether they order, in which case they
    read and visit as long as they are interested. `reads`: the window in which they open e-mails,
    and `opens` the share of e-mails; `visits`: the window of visits to the site; `subscribes`: the
    share who ever subscribed to e-mail.
    """

    name: str
    share: float
    joined: Window
    buys: bool = False
    reads: Window | None = None
    opens: float = 0.0
    visits: Window | None = None
    visits_a_year: float = 0.0
    subscribes: float = 0.7


@dataclass(frozen=True, slots=True)
class Habit:
    """How one buyer orders: orders a year while interested, and the probability that an order is
    the last. Rates follow a gamma and probabilities a beta distribution, as in the usual models of
    purchases (NBD with dropout).
    """

    orders_a_year: float
    chance_of_leaving: float


def habit_of(draw: Random) -> Habit:
    """Return a buyer's habit: 6.3 orders a year and a chance of 0.26 to leave, on average."""
    return Habit(
        orders_a_year=max(0.02, draw.gammavariate(0.6, 10.5)),
        chance_of_leaving=draw.betavariate(0.9, 2.6),
    )


_LONG_AGO = 2000.0

CHARACTERS: tuple[Character, ...] = (
    Character(
        name="buyer",
        share=0.55,
        joined=(725, 1),
        buys=True,
        opens=0.42,
        visits_a_year=5,
    ),
    # Customers from before the history begins.
    Character(
        name="old buyer",
        share=0.11,
        joined=(1900, 735),
        buys=True,
        opens=0.35,
        visits_a_year=5,
    ),
    Character(
        name="reader",
        share=0.11,
        joined=(1200, 100),
        reads=(_LONG_AGO, 0),
        opens=0.55,
        visits=(_LONG_AGO, 0),
        visits_a_year=3,
        subscribes=1.0,
    ),
    Character(
        name="glancer",
        share=0.05,
        joined=(85, 25),
        reads=(85, 0),
        opens=0.2,
        visits=(85, 0),
        visits_a_year=3,
        subscribes=1.0,
    ),
    Character(
        name="browser",
        share=0.08,
        joined=(300, 1),
        visits=(300, 0),
        visits_a_year=12,
        subscribes=0.1,
    ),
    Character(
        name="faded",
        share=0.05,
        joined=(1500, 300),
        reads=(_LONG_AGO, 105),
        opens=0.5,
        visits=(_LONG_AGO, 105),
        visits_a_year=3,
        subscribes=1.0,
    ),
    Character(name="silent", share=0.03, joined=(1900, 410), subscribes=0.5),
    Character(
        name="fresh",
        share=0.02,
        joined=(27, 1),
        reads=(27, 0),
        opens=0.6,
        visits=(27, 0),
        visits_a_year=12,
        subscribes=1.0,
    ),
)


def character_of(number: int, *, seed: int) -> Character:
    """Return the character of the person with this number.

    Multiples of the golden ratio spread evenly, so any first few hundred people have every
    character in about its share.
    """
    position = (number * 0.6180339887498949 + seed * 0.7548776662466927) % 1.0
    for character in CHARACTERS:
        position -= character.share
        if position < 0:
            return character
    return CHARACTERS[0]
