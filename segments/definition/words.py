"""The parts of sentences: numbers, quoted texts, dates, lists, and how clauses are joined.

In the active language. Knows no condition kind and no filter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal

from django.utils import numberformat
from django.utils.formats import date_format, get_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_noop as _

from profiles.columns.instants import parse_iso
from segments.definition.plain_names import is_plain

MOST_ITEMS = 20
"""Of a longer list, this many items are named and the others are counted."""
_most_items: ContextVar[int | None] = ContextVar("most_items", default=MOST_ITEMS)
_GROUPED_FROM = 10_000
"""Smaller numbers have no digit grouping: a year is 1985 and not 1,985."""
_DATE_LENGTH = len("2026-03-01")

Say = Callable[[float], str]
"""Formats a number with its unit."""


class ValueLabel(str):
    """A text that stands in a sentence without quotation marks: the word for a known value."""


@contextmanager
def whole_lists() -> Iterator[None]:
    """Within this block, lists name all their items."""
    token = _most_items.set(None)
    try:
        yield
    finally:
        _most_items.reset(token)


def number(value: float | Decimal) -> str:
    """A number with the decimal separator and the grouping of the language, in full precision."""
    exact = Decimal(str(value))
    whole = exact == exact.to_integral_value()
    digits = exact.to_integral_value() if whole else exact.normalize()
    return numberformat.format(
        digits or 0,
        decimal_sep=get_format("DECIMAL_SEPARATOR"),
        grouping=get_format("NUMBER_GROUPING") if abs(exact) >= _GROUPED_FROM else 0,
        thousand_sep=get_format("THOUSAND_SEPARATOR"),
        force_grouping=True,
    )


def percent(share: float) -> str:
    """ "75 %" for a share of 0.75, in full precision."""
    return f"{number(Decimal(str(share)).scaleb(2))} %"


def quotation_marks() -> tuple[str, str]:
    """The opening and the closing mark of the language."""
    opening, closing = gettext("“%(text)s”").split("%(text)s")
    return opening, closing


def quoted(text: str) -> str:
    """A text between the quotation marks of the language; a closing mark inside is doubled."""
    if isinstance(text, ValueLabel):
        return text
    opening, closing = quotation_marks()
    return f"{opening}{text.replace(closing, closing * 2)}{closing}"


def as_name(text: str) -> str:
    """A name as it is, or in quotation marks if a sentence would be ambiguous."""
    return text if is_plain(text) else quoted(text)


def truth(value: bool) -> str:
    return gettext("true") if value else gettext("false")


def literal(value: object) -> str:
    """A text, number or boolean of a definition; only texts are quoted."""
    if isinstance(value, bool):
        return truth(value)
    return number(value) if isinstance(value, int | float) else quoted(str(value))


def times(value: float) -> str:
    """ "once", "3 times"."""
    return quantity(
        value,
        lambda n: ngettext("once", "%(number)s times", n),
        # Translators: a number with decimals, as 2.5 times.
        pgettext("fraction", "%(number)s times"),
    )


def quantity(value: float, whole: Callable[[int], str], fraction: str) -> str:
    """A number with its noun. `whole` gives the plural form of a count, `fraction` of others."""
    template = whole(int(value)) if value == int(value) and value >= 0 else fraction
    return template % {"number": number(value)}


def date_text(text: str) -> str:
    """An ISO 8601 date or date-time in words. The time is included only if the text has one."""
    moment = parse_iso(text)
    if moment is None:
        return text
    # Translators: the format of a date within a sentence.
    day = date_format(moment, pgettext("date in a sentence", "j M Y"))
    if len(text.strip()) <= _DATE_LENGTH:
        return day
    return gettext("%(date)s at %(time)s") % {"date": day, "time": _time_text(moment)}


def _time_text(moment: datetime) -> str:
    precise = "H:i:s.u" if moment.microsecond else "H:i:s"
    style = precise if moment.second or moment.microsecond else "H:i"
    time = date_format(moment, style, use_l10n=False)
    return f"{time} {moment.tzname()}" if moment.tzinfo else time


def minute(time: datetime) -> str:
    """A moment in the active time zone, to the minute."""
    return date_format(localtime(time), gettext("j M Y, H:i"))


def either(items: Iterable[str]) -> str:
    """ "a, b or c"."""
    return _join(items, gettext("%(items)s or %(last)s"))


def neither(items: Iterable[str]) -> str:
    """ "a, b or c" after a negation, where some languages use another word."""
    return _join(items, pgettext("after a negation", "%(items)s or %(last)s"))


def every(items: Iterable[str]) -> str:
    """ "a, b and c"."""
    return _join(items, gettext("%(items)s and %(last)s"))


def _join(items: Iterable[str], template: str) -> str:
    first, last = _split_last(list(items))
    return template % {"items": ", ".join(first), "last": last} if first else last


def _split_last(items: list[str]) -> tuple[list[str], str]:
    most = _most_items.get()
    rest = len(items) - (len(items) if most is None else most)
    if rest <= 1:
        return items[:-1], items[-1]
    others = ngettext("%(number)s other", "%(number)s others", rest) % {"number": number(rest)}
    return items[:most], others


# --- clauses -------------------------------------------------------------------------------------


def pronoun() -> str:
    """The word that begins most clauses about people, and that consecutive clauses share."""
    return pgettext("people who", "who")


def property_test(name: str, phrase: str) -> str:
    """ "Campaign Name contains “spring”": a property and the phrase of a filter."""
    return gettext("%(property)s %(test)s") % {"property": name, "test": phrase}


def whose(name: str, phrase: str) -> str:
    """ "whose Country is “Sweden”"."""
    return gettext("whose %(property)s %(test)s") % {"property": name, "test": phrase}


def where(sentence: str, tests: Sequence[str]) -> str:
    """The sentence, narrowed by tests that must all pass; unchanged without tests."""
    if not tests:
        return sentence
    narrowed = {"sentence": sentence, "tests": every(tests)}
    return gettext("%(sentence)s where %(tests)s") % narrowed


def with_notes(sentence: str, notes: Sequence[str]) -> str:
    """The sentence with remarks in brackets; unchanged without remarks."""
    return f"{sentence} ({', '.join(notes)})" if notes else sentence


PROPERTY_LABELS = {
    "email": _("email"),
    "phone_number": _("phone number"),
    "external_id": _("external ID"),
    "anonymous_id": _("anonymous ID"),
    "first_name": _("first name"),
    "last_name": _("last name"),
    "organization": _("organization"),
    "title": _("title"),
    "locale": _("locale"),
    "image": _("image"),
    "created": _("date of creation"),
    "updated": _("date of the last update"),
    "first_active": _("date of the first activity"),
    "last_active": _("date of the last activity"),
    "address1": _("address"),
    "address2": _("second line of the address"),
    "city": _("city"),
    "region": _("region"),
    "country": _("country"),
    "zip": _("postcode"),
    "time_zone": _("time zone"),
    "latitude": _("latitude"),
    "longitude": _("longitude"),
}
"""Labels of the fields of every profile, by their names in `paths`."""


def property_label(name: str, *, custom: bool) -> str:
    """The label of a profile's property. A custom property has its own name.

    If that equals the label of a profile field, the text says that the property is custom, so that
    the two can be distinguished.
    """
    if not custom:
        return gettext(PROPERTY_LABELS[name])
    labels = {gettext(label).casefold() for label in PROPERTY_LABELS.values()}
    template = gettext("custom property %(name)s")
    if name.casefold() in labels:
        return template % {"name": name}
    return quoted(name) if name.startswith(template % {"name": ""}) else as_name(name)


def event_property_label(name: str) -> str:
    """The label of an event's property; `$value` is the event's value."""
    value = gettext("value")
    if name == "$value":
        return value
    return quoted(name) if name == value else as_name(name)
