"""The e-mails and text messages of the made-up shop, on a fixed calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from profiles.demo.seasons import DAY, DAYS, black_friday, offset

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# What an offer is about, by month: name, discount code, percent off.
_OFFERS = (
    ("Winter clearance", "WINTER20", 20),
    ("Snow days", "SNOW10", 10),
    ("Spring layers", "SPRING10", 10),
    ("Rain or shine", "RAIN15", 15),
    ("First tent night", "TENT10", 10),
    ("Shorts weather", "SHORTS15", 15),
    ("Summer sale", "SUMMER20", 20),
    ("Back to the trail", "TRAIL10", 10),
    ("Autumn colours", "AUTUMN10", 10),
    ("Wool weeks", "WOOL15", 15),
    ("Early Christmas", "EARLY10", 10),
    ("Last gifts", "GIFT10", 10),
)
INVITATION_FORM = "Trail evening registration"
_ZONE = "Europe/Stockholm"
_TUESDAY = 1
_THURSDAY = 3


@dataclass(frozen=True, slots=True)
class Message:
    """The content of a message. `country` is the only country it goes to, None for all."""

    name: str
    subject: str
    code: str | None = None
    percent: int = 0
    country: str | None = None
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Mailing:
    """A message that was sent. `moment` is in seconds since 1970, `number` counts from 0."""

    number: int
    moment: int
    message: Message


def email_mailings(*, end: int, last_day: date) -> tuple[Mailing, ...]:
    """Return the e-mails of the history, oldest first.

    `end` is where the data ends, in seconds since 1970; `last_day` is the day that begins there.
    """
    return _mailings(_emails_of, end=end, last_day=last_day, hour=9)


def text_mailings(*, end: int, last_day: date) -> tuple[Mailing, ...]:
    """Return the text messages of the history, oldest first: one on the 20th of each month."""
    return _mailings(_texts_of, end=end, last_day=last_day, hour=16)


def _mailings(
    messages_of: Callable[[date], Iterator[Message]], *, end: int, last_day: date, hour: int
) -> tuple[Mailing, ...]:
    mailings: list[Mailing] = []
    for back in range(DAYS, 0, -1):
        day = last_day - timedelta(days=back)
        days = (day - date(1970, 1, 1)).days
        moment = days * DAY + hour * 3600 - offset(_ZONE, days)
        mailings.extend(
            Mailing(number=number, moment=moment, message=message)
            for number, message in enumerate(messages_of(day), start=len(mailings))
            if moment < end
        )
    return tuple(mailings)


def _emails_of(day: date) -> Iterator[Message]:
    month = f"{_MONTHS[day.month - 1]} {day.year}"
    dated = f"{day.day} {month}"
    friday = black_friday(day.year)
    if day.weekday() == _TUESDAY and day.day <= 7:
        yield Message(name=f"Newsletter {month}", subject=f"From the field, {month}")
    if day.weekday() == _TUESDAY and 15 <= day.day <= 21:
        yield Message(
            name=f"Invitation: trail evening {dated}",
            subject="Walk with us in the woods outside Falun",
            country="Sweden",
            form=INVITATION_FORM,
        )
    # Every other Thursday, counted from 1970, so that one is always in the last 14 days.
    if day.weekday() == _THURSDAY and (day - date(1970, 1, 1)).days // 7 % 2 == 0:
        name, code, percent = _OFFERS[day.month - 1]
        yield Message(
            name=f"{name} {dated}", subject=f"{percent}% with {code}", code=code, percent=percent
        )
    if day == friday:
        yield Message(
            name=f"Black Friday {day.year}",
            subject="25% off everything",
            code="BLACK25",
            percent=25,
        )
    if day == friday + timedelta(days=3):
        yield Message(
            name=f"Cyber Monday {day.year}", subject="The last day", code="CYBER20", percent=20
        )
    if (day.month, day.day) == (12, 8):
        yield Message(name=f"Gift guide {day.year}", subject="Gifts for people who go out")


def _texts_of(day: date) -> Iterator[Message]:
    if day.day == 20:
        month = f"{_MONTHS[day.month - 1]} {day.year}"
        yield Message(name=f"Text {month}", subject=f"What is new in {month}")
