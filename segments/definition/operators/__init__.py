"""Filters: what a value is compared with, and how. A class for each shape, a file for each type.

Every filter tests the distinct values of a column. An unset property matches nothing, unless the
filter includes it.
"""

from __future__ import annotations

from segments.definition.operators.base import Filter, filters
from segments.definition.operators.dates import (
    AllTime,
    Anniversary,
    CalendarMonth,
    DateFilter,
    RelativeAnniversary,
    RelativeDate,
    RelativeRange,
    StaticDate,
    StaticRange,
)
from segments.definition.operators.lists import ListFilter, ListHas, ListLength, ListSubstring
from segments.definition.operators.numbers import NumberFilter, NumberRange, NumberTest
from segments.definition.operators.texts import PhoneCountry, TextFilter, TextIn
from segments.definition.operators.truths import BooleanFilter, Existence

DATE5 = (StaticDate, StaticRange, RelativeDate, RelativeAnniversary, RelativeRange)
DATE7 = (*DATE5, CalendarMonth, Anniversary)
TIMEFRAME = (*DATE5, AllTime)
NUMBERS = (NumberFilter, NumberRange)
LISTS = (ListFilter, ListHas, ListSubstring, ListLength)
ANY = (
    TextFilter,
    TextIn,
    PhoneCountry,
    *NUMBERS,
    BooleanFilter,
    Existence,
    *LISTS,
    *DATE7,
    AllTime,
)

__all__ = [
    "ANY",
    "DATE5",
    "DATE7",
    "LISTS",
    "NUMBERS",
    "TIMEFRAME",
    "AllTime",
    "Anniversary",
    "BooleanFilter",
    "CalendarMonth",
    "DateFilter",
    "Existence",
    "Filter",
    "ListFilter",
    "ListHas",
    "ListLength",
    "ListSubstring",
    "NumberFilter",
    "NumberRange",
    "NumberTest",
    "PhoneCountry",
    "RelativeAnniversary",
    "RelativeDate",
    "RelativeRange",
    "StaticDate",
    "StaticRange",
    "TextFilter",
    "TextIn",
    "filters",
]
