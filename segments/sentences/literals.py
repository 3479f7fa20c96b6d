"""Numbers, dates and quoted texts of the active language, as `definition.words` writes them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from django.utils.formats import get_format
from django.utils.translation import gettext

from segments.definition import words

_MONTHS = range(1, 13)
_MOST_DIGITS = 500
"""A longer number is none: the longest that is printed has fewer."""


class Literals:
    """Reads literals at a place of a text."""

    def __init__(self) -> None:
        decimal = re.escape(get_format("DECIMAL_SEPARATOR"))
        self._thousand = get_format("THOUSAND_SEPARATOR").replace("\u00a0", " ")
        thousand = re.escape(self._thousand)
        self._number = re.compile(
            rf"(?P<whole>-?\d{{1,3}}(?:{thousand}\d{{3}})+(?!\d)|-?\d+)"
            rf"(?:{decimal}(?P<rest>\d+))?(?P<power>e[+-]?\d{{1,3}})?"
        )
        self._opening, self._closing = words.quotation_marks()
        closing = re.escape(self._closing)
        self._quoted = re.compile(
            rf"{re.escape(self._opening)}((?:[^{closing}]|{closing}{closing})*){closing}(?!{closing})"
        )
        days = {words.date_text(f"2001-{month:02}-02"): month for month in _MONTHS}
        self._months = {text.split()[1]: month for text, month in days.items()}
        names = "|".join(sorted(map(re.escape, self._months), key=len, reverse=True))
        day = rf"(?P<day>\d{{1,2}}) (?P<month>{names}) (?P<year>\d{{4}})"
        time = (
            r"(?P<time>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)"
            r"(?: UTC(?P<zone>[+-]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?P<utc>))?"
        )
        whole = re.escape(gettext("%(date)s at %(time)s").replace("\u00a0", " "))
        whole = whole.replace(re.escape("%(date)s"), "(?:%(date)s)")
        pattern = whole.replace("(?:%(date)s)", day).replace(re.escape("%(time)s"), time)
        self._date_time = re.compile(pattern)
        self._date = re.compile(day)

    def quoted(self, text: str, start: int) -> tuple[int, str] | None:
        """(end, text) of a quoted text; closing marks inside are doubled."""
        match = self._quoted.match(text, start)
        if match is None:
            return None
        return match.end(), match[1].replace(self._closing * 2, self._closing)

    def number(self, text: str, start: int) -> list[tuple[int, float]]:
        """(end, number); where a separator may also separate two numbers, both readings."""
        match = self._number.match(text, start)
        if match is None or len(match[0]) > _MOST_DIGITS:
            return []
        readings = [(match.end(), _value(match, self._thousand))]
        first = re.compile(r"-?\d+").match(text, start)
        if first and first.end() != match.end():
            readings.append((first.end(), int(first[0])))
        return readings

    def percent(self, text: str, start: int) -> list[tuple[int, float]]:
        """(end, share) of a number in percent."""
        match = self._number.match(text, start)
        if match is None or len(match[0]) > _MOST_DIGITS or not text.startswith(" %", match.end()):
            return []
        exact = Decimal(_digits(match, self._thousand)).scaleb(-2)
        return [(match.end() + 2, float(exact))]

    def date(self, text: str, start: int) -> list[tuple[int, str]]:
        """(end, ISO 8601) of a date, with the time if there is one."""
        readings = []
        for pattern in (self._date_time, self._date):
            match = pattern.match(text, start)
            if match is None:
                continue
            try:
                day = date(int(match["year"]), self._months[match["month"]], int(match["day"]))
            except ValueError:
                continue
            time = ""
            if pattern is self._date_time:
                zone = match["zone"] or ("Z" if match["utc"] is not None else "")
                time = f"T{match['time']}{zone}"
            readings.append((match.end(), f"{day.isoformat()}{time}"))
        return readings


def _digits(match: re.Match[str], thousand: str) -> str:
    whole = match["whole"].replace(thousand, "")
    return f"{whole}.{match['rest'] or '0'}{match['power'] or ''}"


def _value(match: re.Match[str], thousand: str) -> float:
    number = float(_digits(match, thousand))
    if match["power"] or match["rest"]:
        return number
    return int(match["whole"].replace(thousand, ""))
