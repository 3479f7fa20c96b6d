"""Parses cells: numbers, booleans, dates, times; and infers the type of a column.

A cell that does not fit is never guessed: it stays text, or is rejected with a reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from profiles.columns.instants import parse_iso

_NUMBER = re.compile(
    r"-?(?:(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-][0-9]{1,2})?", re.ASCII
)
_AMOUNT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]+", re.ASCII)
_UNIX = re.compile(r"-?[0-9]{9,11}(?:\.[0-9]+)?", re.ASCII)
_BASIC_DATE = re.compile(r"[0-9]{8}(?:T[0-9]{2}.*)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BOOLEANS = {"true": True, "false": False}
_DAY_OF_YEAR = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})", re.ASCII)
_DIGITS = re.compile(r"\+?[0-9][0-9 ]*", re.ASCII)
ENOUGH = 0.95
"""A column has a type if this share of its different cells has it; the others stay text."""
_MOST_CACHED = 1 << 16
_MOST_CACHED_LENGTH = 64


class CellType(StrEnum):
    """The type of a property, as inferred from a file's cells or chosen by the person."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DAY_FIRST = "date-day-first"
    """Dates as 23.02.2026, 23/2/2026."""
    MONTH_FIRST = "date-month-first"
    """Dates as 02/23/2026."""
    TEXT = "text"


DATES = (CellType.DATE, CellType.DAY_FIRST, CellType.MONTH_FIRST)


class IsoDate(str):
    """A cell that is a date, as ISO 8601."""

    __slots__ = ()


class RefusedCell(NamedTuple):
    """Why a cell cannot be used."""

    reason: str


class Memo(dict[str, Any]):
    """Caches the values of cells, since most columns repeat themselves; cleared when it is full.

    `odd` counts each occurrence of a cell whose value is not of the expected type (RefusedCell,
    for example); these are not cached.
    """

    def __init__(self, convert: Callable[[str], Any], *, expected: type | tuple[type, ...]) -> None:
        super().__init__({"": None})
        self._convert = convert
        self._expected = expected
        self.odd = 0

    def __missing__(self, cell: str) -> Any:
        text = cell.strip()
        value = self._convert(text) if text else None
        if value is not None and not isinstance(value, self._expected):
            self.odd += 1
            return value
        if len(cell) <= _MOST_CACHED_LENGTH:
            if len(self) >= _MOST_CACHED:
                self.clear()
            self[cell] = value
        return value


def infer(cells: Collection[str]) -> CellType:
    """Return the type that nearly all of these cells have (ENOUGH); empty ones are ignored.

    Leading zeros, a plus sign, or more digits than a float can store make a text, not a number:
    one such cell is enough. 01/02/2026 is a text too, unless another cell has a day above 12 and so
    says which number is the day; between dots the day is always first.
    """
    texts = {text for cell in cells if (text := cell.strip())}
    if not texts:
        return CellType.TEXT
    odd = misfits(texts, CellType.NUMBER)
    if len(odd) <= _most_odd(texts) and not any(map(_DIGITS.fullmatch, odd)):
        return CellType.NUMBER
    if not misfits(texts, CellType.BOOLEAN):
        return CellType.BOOLEAN
    counts = {kind: len(misfits(texts, kind)) for kind in DATES}
    fewest = min(DATES, key=counts.__getitem__)
    if counts[CellType.DAY_FIRST] == counts[CellType.MONTH_FIRST] == counts[fewest]:
        fewest = CellType.DAY_FIRST if all("." in text for text in texts) else CellType.DATE
    return fewest if counts[fewest] <= _most_odd(texts) else CellType.TEXT


def _most_odd(texts: Collection[str]) -> float:
    return (1 - ENOUGH) * len(texts)


def misfits(texts: Iterable[str], kind: CellType) -> list[str]:
    """Return the cells, without spaces around, that are not of a type."""
    fits = _FITS.get(kind)
    return [] if fits is None else [text for text in texts if not fits(text)]


def read_date(text: str, kind: CellType) -> str:
    """Return a date as ISO 8601 (IsoDate), else the text."""
    if kind is CellType.DATE:
        return IsoDate(text) if parse_iso(text) is not None else text
    match = _DAY_OF_YEAR.fullmatch(text)
    if match is None:
        return text
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    day, month = (first, second) if kind is CellType.DAY_FIRST else (second, first)
    try:
        return IsoDate(date(year, month, day).isoformat())
    except ValueError:
        return text


_FITS: dict[CellType, Callable[[str], bool]] = {
    CellType.NUMBER: lambda text: _NUMBER.fullmatch(text) is not None,
    CellType.BOOLEAN: lambda text: text.lower() in _BOOLEANS,
    **{
        kind: partial(lambda kind, text: isinstance(read_date(text, kind), IsoDate), kind)
        for kind in DATES
    },
}


def read_number(text: str) -> int | float | str:
    """Return the number in a text, else the text."""
    if not _NUMBER.fullmatch(text):
        return text
    if _WHOLE.fullmatch(text):
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else text


def read_boolean(text: str) -> bool | str:
    """Return the boolean in a text, else the text."""
    return _BOOLEANS.get(text.lower(), text)


def read_amount(text: str) -> float | RefusedCell:
    """Return an event's value or a coordinate; RefusedCell if it is not a plain number."""
    if _AMOUNT.fullmatch(text):
        amount = float(text)
        if math.isfinite(amount):
            return amount
    return RefusedCell(f"{_short(text)} is not a number as 1234.50.")


def property_memo(kind: CellType) -> Memo | None:
    """Return the reader of a property's cells; None if a cell is its own value."""
    if kind is CellType.NUMBER:
        return Memo(read_number, expected=(int, float))
    if kind is CellType.BOOLEAN:
        return Memo(read_boolean, expected=bool)
    if kind in DATES:
        return Memo(lambda text: read_date(text, kind), expected=IsoDate)
    return None


def amount_memo() -> Memo:
    return Memo(read_amount, expected=float)


def time_memo(format_: str | None, zone: tzinfo) -> Memo:
    """Return the reader of times: by a strptime format, else ISO 8601 or Unix seconds.

    Times that name no zone are in `zone`. The values are aware datetimes.
    """
    if format_ is None:
        return Memo(lambda text: _in_zone(_read_time(text), zone), expected=datetime)
    return Memo(lambda text: _in_zone(_read_format(text, format_), zone), expected=datetime)


def check_format(format_: str) -> str:
    """Return a strptime format if it contains a whole date. Raises ValueError otherwise."""
    first, second = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC), datetime(2011, 12, 13, tzinfo=UTC)
    try:
        dates = [_strptime(m.strftime(format_), format_).date() for m in (first, second)]
    except (ValueError, re.error):
        raise ValueError(f"{format_!r} is no time format as %Y-%m-%d %H:%M:%S.") from None
    if dates != [first.date(), second.date()]:
        raise ValueError(f"{format_!r} holds no whole date: year, month and day are needed.")
    return format_


def _read_format(text: str, format_: str) -> datetime | RefusedCell:
    try:
        return _strptime(text, format_)
    except ValueError:
        return RefusedCell(f"{_short(text)} is not a time of the form {format_}.")


def _strptime(text: str, format_: str) -> datetime:
    return datetime.strptime(text, format_)  # noqa: DTZ007 - the zone is added by the caller


def _read_time(text: str) -> datetime | RefusedCell:
    try:
        moment = datetime.fromisoformat(text) if _BASIC_DATE.fullmatch(text) else parse_iso(text)
    except ValueError:
        moment = None
    if moment is not None:
        return moment
    if _UNIX.fullmatch(text):
        return _EPOCH + timedelta(seconds=float(text))
    if text.isascii() and text.isdigit() and len(text) == 13:
        return RefusedCell(f"{text} looks like milliseconds; Unix seconds have 10 digits.")
    return RefusedCell(
        f"{_short(text)} is not a time as 2026-03-01T14:00:00Z; another form needs a time format."
    )


def _in_zone(moment: datetime | RefusedCell, zone: tzinfo) -> datetime | RefusedCell:
    if isinstance(moment, RefusedCell):
        return moment
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return aware.astimezone(UTC)
    except OverflowError:
        return RefusedCell(f"The time {moment} cannot be kept.")


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
