"""Occasions on which people buy presents, with the days of a country.

Public holidays and most other days are from the package `holidays`. Where it does not know a
country's Mother's Day, Father's Day, Valentine's Day or Children's Day, the custom stands here.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DAYS_BEFORE = 14
"""Presents for one day are bought in so many days before it, and on it."""
FIRST_YEAR, LAST_YEAR = 1970, 2100


@dataclass(frozen=True)
class Span:
    """Days from the first through the final one."""

    first: date
    final: date


@dataclass(frozen=True)
class Occasion:
    """A reason to buy, of every year."""

    label: str | Promise
    span: Callable[[str, int], Span]
    """Takes a country and a year."""


def _black_friday(_country: str, year: int) -> Span:
    """From the Friday after Thanksgiving in the United States through Monday, everywhere."""
    friday = weekday_of_month(year, 11, calendar.THURSDAY, 4) + timedelta(days=1)
    return Span(friday, friday + timedelta(days=3))


def _christmas(country: str, year: int) -> Span:
    """From 1 December through the day before the presents are given, and on it."""
    return Span(date(year, 12, 1), date(year, 12, 24 if country in _CHRISTMAS_EVE else 25))


def _before(name: str) -> Callable[[str, int], Span]:
    def span(country: str, year: int) -> Span:
        day = day_of(name, country, year)
        return Span(day - timedelta(days=DAYS_BEFORE), day)

    return span


def day_of(name: str, country: str, year: int) -> date:
    """The day of an occasion (`MOTHER`, `FATHER`, `VALENTINE`, `CHILDREN`) in a country."""
    known = _days_by_name(country, year)
    official = [day for day, names in known.items() if _NAMES[name] in names]
    if official:
        return min(official)
    customs = _CUSTOMS[name]
    return customs.get(country, customs[""])(year)


MOTHER = "mothers-day"
FATHER = "fathers-day"
VALENTINE = "valentines-day"
CHILDREN = "childrens-day"

OCCASIONS: Mapping[str, Occasion] = {
    "black-friday": Occasion(_("Black Friday weekend"), _black_friday),
    MOTHER: Occasion(_("Mother’s Day"), _before(MOTHER)),
    FATHER: Occasion(_("Father’s Day"), _before(FATHER)),
    "christmas": Occasion(_("Christmas"), _christmas),
    VALENTINE: Occasion(_("Valentine’s Day"), _before(VALENTINE)),
    CHILDREN: Occasion(_("Children’s Day"), _before(CHILDREN)),
}
"""By key, in the order of the picker."""

_NAMES = {
    MOTHER: "Mother's Day",
    FATHER: "Father's Day",
    VALENTINE: "Valentine's Day",
    CHILDREN: "Children's Day",
}
"""In English, as `holidays` names them."""


@cache
def _days_by_name(country: str, year: int) -> Mapping[date, str]:
    """The days of a country that `holidays` knows, with their English names; none for others."""
    try:
        kinds = holidays.country_holidays(country).supported_categories
        return dict(
            holidays.country_holidays(country, years=year, categories=kinds, language="en_US")
        )
    except NotImplementedError:
        return {}


# --- days by rule --------------------------------------------------------------------------------

Rule = Callable[[int], date]


def weekday_of_month(year: int, month: int, weekday: int, number: int) -> date:
    """The first, second, ... such weekday of a month; -1 for the last one."""
    days = [week[weekday] for week in calendar.Calendar().monthdatescalendar(year, month)]
    days = [day for day in days if day.month == month]
    return days[number if number < 0 else number - 1]


def _weekday(month: int, weekday: int, number: int) -> Rule:
    return lambda year: weekday_of_month(year, month, weekday, number)


def _fixed(month: int, day: int) -> Rule:
    return lambda year: date(year, month, day)


def _easter(days: int) -> Rule:
    """So many days after Easter Sunday of the Western churches."""

    def rule(year: int) -> date:
        friday = min(d for d, name in _days_by_name("GB", year).items() if name == "Good Friday")
        return friday + timedelta(days=2 + days)

    return rule


def _mothers_day_in_france(year: int) -> date:
    """The last Sunday of May, or the next one if that is Whitsun."""
    sunday = weekday_of_month(year, 5, calendar.SUNDAY, -1)
    return sunday + timedelta(days=7) if sunday == _easter(49)(year) else sunday


def _each(countries: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(countries.split(), rule)


_CHRISTMAS_EVE = frozenset(
    {
        *("AT", "CH", "CZ", "DE", "DK", "EE", "FI", "HU", "IS", "LI"),
        *("LT", "LU", "LV", "NO", "PL", "PT", "SE", "SI", "SK"),
    }
)
"""Countries where presents are given on 24 December."""
_SUNDAY = calendar.SUNDAY
_CUSTOMS: Mapping[str, Mapping[str, Rule]] = {
    MOTHER: {
        "": _weekday(5, _SUNDAY, 2),
        **_each("ES PT HU LT RO", _weekday(5, _SUNDAY, 1)),
        **_each("SE DZ MA TN", _weekday(5, _SUNDAY, -1)),
        **_each("GB IE IM JE GG NG", _easter(-21)),
        **_each("FR", _mothers_day_in_france),
        **_each("NO", _weekday(2, _SUNDAY, 2)),
        **_each("PL", _fixed(5, 26)),
        **_each("SI", _fixed(3, 25)),
        **_each("AL BA BG MK ME RS", _fixed(3, 8)),
        **_each("GT MX SV", _fixed(5, 10)),
        **_each("AE EG JO KW LB QA SA", _fixed(3, 21)),
        **_each("TH", _fixed(8, 12)),
        **_each("AR", _weekday(10, _SUNDAY, 3)),
    },
    FATHER: {
        "": _weekday(6, _SUNDAY, 3),
        **_each("EE FI IS NO SE", _weekday(11, _SUNDAY, 2)),
        **_each("ES HR IT LI MT PT", _fixed(3, 19)),
        **_each("AT BE", _weekday(6, _SUNDAY, 2)),
        **_each("CH LT", _weekday(6, _SUNDAY, 1)),
        **_each("DE", _easter(39)),
        **_each("DK", _fixed(6, 5)),
        **_each("PL", _fixed(6, 23)),
        **_each("RO", _weekday(5, _SUNDAY, 2)),
        **_each("LV", _weekday(9, _SUNDAY, 2)),
        **_each("AU FJ NZ PG", _weekday(9, _SUNDAY, 1)),
        **_each("BR WS", _weekday(8, _SUNDAY, 2)),
        **_each("LU", _weekday(10, _SUNDAY, 1)),
        **_each("BG", _fixed(12, 26)),
        **_each("TH", _fixed(12, 5)),
    },
    VALENTINE: {
        "": _fixed(2, 14),
        **_each("BR", _fixed(6, 12)),
    },
    CHILDREN: {
        "": _fixed(11, 20),  # World Children's Day of the United Nations
        **_each("AL BG BY CN CZ EE HR LT LV MD MK ME PL PT RO RS RU SI SK UA VN", _fixed(6, 1)),
        **_each("US", _weekday(6, _SUNDAY, 2)),
        **_each("SE", _weekday(10, calendar.MONDAY, 1)),
        **_each("DE", _fixed(9, 20)),
        **_each("HU", _weekday(5, _SUNDAY, -1)),
        **_each("JP KR", _fixed(5, 5)),
        **_each("TR", _fixed(4, 23)),
        **_each("IN", _fixed(11, 14)),
        **_each("MX", _fixed(4, 30)),
        **_each("BR", _fixed(10, 12)),
        **_each("AR", _weekday(8, _SUNDAY, 3)),
        **_each("TH", _weekday(1, calendar.SATURDAY, 2)),
        **_each("AU", _weekday(10, calendar.WEDNESDAY, 4)),
        **_each("NZ", _weekday(3, _SUNDAY, 1)),
    },
}
"""Where `holidays` does not know the day. The rule without a country is that of all others."""
