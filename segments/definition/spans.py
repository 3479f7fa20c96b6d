"""Times relative to today, in words: "in the last 30 days".

There is one message for each unit and direction, because the unit, the number and the words around
them inflect together in many languages.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext

from segments.definition.plain_names import add_continuations
from segments.definition.windows import Unit
from segments.definition.words import number

Plural = Callable[[int], str]
"""A message in the plural form for a number."""

_IN_THE_LAST: dict[Unit, Plural] = {
    "hour": lambda n: ngettext("in the last hour", "in the last %(number)s hours", n),
    "day": lambda n: ngettext("in the last day", "in the last %(number)s days", n),
    "week": lambda n: ngettext("in the last week", "in the last %(number)s weeks", n),
    "month": lambda n: ngettext("in the last month", "in the last %(number)s months", n),
    "year": lambda n: ngettext("in the last year", "in the last %(number)s years", n),
}
_IN_THE_NEXT: dict[Unit, Plural] = {
    "hour": lambda n: ngettext("in the next hour", "in the next %(number)s hours", n),
    "day": lambda n: ngettext("in the next day", "in the next %(number)s days", n),
    "week": lambda n: ngettext("in the next week", "in the next %(number)s weeks", n),
    "month": lambda n: ngettext("in the next month", "in the next %(number)s months", n),
    "year": lambda n: ngettext("in the next year", "in the next %(number)s years", n),
}
_AT_LEAST_AGO: dict[Unit, Plural] = {
    "hour": lambda n: ngettext("at least 1 hour ago", "at least %(number)s hours ago", n),
    "day": lambda n: ngettext("at least 1 day ago", "at least %(number)s days ago", n),
    "week": lambda n: ngettext("at least 1 week ago", "at least %(number)s weeks ago", n),
    "month": lambda n: ngettext("at least 1 month ago", "at least %(number)s months ago", n),
    "year": lambda n: ngettext("at least 1 year ago", "at least %(number)s years ago", n),
}
_BETWEEN_AGO: dict[Unit, Plural] = {
    "hour": lambda n: ngettext(
        "between %(start)s and %(end)s hour ago", "between %(start)s and %(end)s hours ago", n
    ),
    "day": lambda n: ngettext(
        "between %(start)s and %(end)s day ago", "between %(start)s and %(end)s days ago", n
    ),
    "week": lambda n: ngettext(
        "between %(start)s and %(end)s week ago", "between %(start)s and %(end)s weeks ago", n
    ),
    "month": lambda n: ngettext(
        "between %(start)s and %(end)s month ago", "between %(start)s and %(end)s months ago", n
    ),
    "year": lambda n: ngettext(
        "between %(start)s and %(end)s year ago", "between %(start)s and %(end)s years ago", n
    ),
}


def _relative(table: dict[Unit, Plural]) -> Callable[[int, Unit], str]:
    return lambda quantity, unit: table[unit](quantity) % {"number": number(quantity)}


RELATIVE: dict[str, Callable[[int, Unit], str]] = {
    "in-the-last": _relative(_IN_THE_LAST),
    "in-the-next": _relative(_IN_THE_NEXT),
    "at-least": _relative(_AT_LEAST_AGO),
}
"""Operator to the phrase for a quantity and a unit."""


def between_ago(nearest: int, farthest: int, unit: Unit) -> str:
    """ "between 3 and 5 days ago"."""
    ends = {"start": number(nearest), "end": number(farthest)}
    return _BETWEEN_AGO[unit](farthest) % ends


IN_MONTHS = (
    _("in January (of any year)"),
    _("in February (of any year)"),
    _("in March (of any year)"),
    _("in April (of any year)"),
    _("in May (of any year)"),
    _("in June (of any year)"),
    _("in July (of any year)"),
    _("in August (of any year)"),
    _("in September (of any year)"),
    _("in October (of any year)"),
    _("in November (of any year)"),
    _("in December (of any year)"),
)

add_continuations(
    first=IN_MONTHS,
    plurals=(
        plural
        for table in (_IN_THE_LAST, _IN_THE_NEXT, _AT_LEAST_AGO, _BETWEEN_AGO)
        for plural in table.values()
    ),
)

_DURATIONS: tuple[tuple[int, Plural], ...] = (
    (86_400, lambda n: ngettext("within %(number)s day", "within %(number)s days", n)),
    (3_600, lambda n: ngettext("within %(number)s hour", "within %(number)s hours", n)),
    (60, lambda n: ngettext("within %(number)s minute", "within %(number)s minutes", n)),
    (1, lambda n: ngettext("within %(number)s second", "within %(number)s seconds", n)),
)
"""Seconds of a unit to its message, largest first."""


def within(seconds: int) -> str:
    """ "within 14 days": a duration in the largest unit that divides it without remainder."""
    for size, plural in _DURATIONS:
        count, rest = divmod(seconds, size)
        if rest == 0 and count:
            return plural(count) % {"number": number(count)}
    raise ValueError(f"{seconds} seconds are no duration")
