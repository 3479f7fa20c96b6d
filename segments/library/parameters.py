"""The parameters of ready-made segments: how each type is read, shown and filled in.

A value is JSON. Reading raises ValueError with a sentence for the person.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.utils.formats import get_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from profiles import places
from segments.definition import words
from segments.library.account_values import COUNTRY, DefaultValues, spellings
from segments.library.occasions import FIRST_YEAR, LAST_YEAR, OCCASIONS

Values = Mapping[str, Any]
"""The values of the parameters before this one, by name."""
MOST_TEXT = 200
MOST_ITEMS = 50
MOST_SUGGESTIONS = 100


@dataclass(frozen=True)
class Parameter:
    """A part of a definition that is chosen when the segment is used."""

    type: ClassVar[str]
    name: str
    label: str | Promise

    def default(self, source: DefaultValues, values: Values) -> Any:
        """The value to begin with; None if the account has nothing to offer."""
        raise NotImplementedError

    def read(self, text: str, source: DefaultValues, values: Values) -> Any:
        """The value that somebody typed. Raises ValueError."""
        raise NotImplementedError

    def show(self, value: Any) -> str:
        """The value as it is typed."""
        return "" if value is None else str(value)

    def suggestions(self, source: DefaultValues, values: Values) -> Sequence[str]:
        """Texts to choose from, the best first; others can be typed."""
        return ()

    def options(self, source: DefaultValues) -> Sequence[tuple[str, str]]:
        """Values to choose from with their labels, if there are no others."""
        return ()

    def missing(self) -> str:
        """What the account lacks where there is no value."""
        return _("a value for “%(label)s”") % {"label": self.label}


_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")

# --- numbers -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NumberParameter(Parameter):
    type: ClassVar[str] = "number"
    number: float | Callable[[DefaultValues], float] = 0
    least: float = 1
    most: float = 100_000
    is_whole: bool = True
    unit: str | Promise = ""
    """What is counted, behind the number."""
    at_least: str = ""
    """The name of a parameter that this one must not be below."""

    def default(self, source: DefaultValues, values: Values) -> Any:
        number = self.number(source) if callable(self.number) else self.number
        return int(number) if number == int(number) else number

    def read(self, text: str, source: DefaultValues, values: Values) -> Any:
        return self.check(self._number(text.strip()))

    def _number(self, text: str) -> float:
        """A number as it is written in the active language: 1,000.5 or 1 000,5."""
        plain = "".join(text.split())
        if get_format("DECIMAL_SEPARATOR") == ",":
            plain = plain.replace(",", ".")
        elif _GROUPED.fullmatch(plain):
            plain = plain.replace(",", "")
        try:
            return float(plain)
        except ValueError:
            raise ValueError(_("A number is needed here.")) from None

    def show(self, value: Any) -> str:
        return words.number(value)

    def check(self, number: float) -> float:
        if not math.isfinite(number) or not self.least <= number <= self.most:
            limits = {"least": words.number(self.least), "most": words.number(self.most)}
            raise ValueError(_("This must be a number from %(least)s to %(most)s.") % limits)
        if number == int(number):
            return int(number)
        if self.is_whole:
            raise ValueError(_("This must be a whole number."))
        return number


@dataclass(frozen=True)
class ShareParameter(NumberParameter):
    """A share between 0 and 1, typed in percent: 75, 75 % and 0.75 are the same."""

    type: ClassVar[str] = "share"
    least: float = 0
    most: float = 1
    is_whole: bool = False

    def read(self, text: str, source: DefaultValues, values: Values) -> Any:
        number = self._number(text.replace("%", "").strip())
        return self.check(round(number / 100, 10) if "%" in text or number > 1 else number)

    def show(self, value: Any) -> str:
        return words.percent(value)


# --- texts ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TextParameter(Parameter):
    """A text. The default of the library stays if it occurs in the account."""

    type: ClassVar[str] = "text"
    text: str = ""
    source: Callable[[DefaultValues, Values], Mapping[str, int]] | None = None
    """The texts that occur, the most common first."""
    is_part: bool = False
    """Whether a text that contains it is enough."""
    apart_from: str = ""
    """The name of a parameter whose value this one must not have by default."""
    of: str = ""
    """The name of the parameter that says of which property this is a value."""

    def default(self, source: DefaultValues, values: Values) -> Any:
        texts = self.source(source, values) if self.source else {}
        own = next((text for text in texts if self._occurs_in(text)), None)
        if own is not None or not texts:
            return self.text if self.is_part or own is None else own
        other = values.get(self.apart_from)
        return next((text for text in texts if text != other and len(text) <= MOST_TEXT), self.text)

    def _occurs_in(self, text: str) -> bool:
        folded, own = text.casefold(), self.text.casefold()
        return own in folded if self.is_part else own == folded

    def read(self, text: str, source: DefaultValues, values: Values) -> Any:
        """The text; in the account's spelling where the whole text is compared."""
        text = read_text(text)
        texts = self.source(source, values) if self.source and not self.is_part else {}
        if text in texts:
            return text
        return next((each for each in texts if each.casefold() == text.casefold()), text)

    def suggestions(self, source: DefaultValues, values: Values) -> Sequence[str]:
        texts = self.source(source, values) if self.source else {}
        return list(texts)[:MOST_SUGGESTIONS]


@dataclass(frozen=True)
class PropertyParameter(Parameter):
    """The name of a custom property."""

    type: ClassVar[str] = "property"
    text: str = ""
    choices: tuple[str, ...] = ()
    """Names to choose from; without them any name can be typed."""

    def default(self, source: DefaultValues, values: Values) -> Any:
        return self.text

    def read(self, text: str, source: DefaultValues, values: Values) -> Any:
        text = read_text(text)
        if not self.choices:
            return text
        for choice in self.choices:
            if text.casefold() == choice.casefold():
                return choice
        known = ", ".join(self.choices)
        raise ValueError(_("This must be one of: %(known)s.") % {"known": known})

    def options(self, source: DefaultValues) -> Sequence[tuple[str, str]]:
        return [(choice, choice) for choice in self.choices]


@dataclass(frozen=True)
class PlacesParameter(Parameter):
    """Names of countries or regions, separated by commas."""

    type: ClassVar[str] = "places"
    texts: tuple[str, ...] = ()
    path: str = COUNTRY

    def default(self, source: DefaultValues, values: Values) -> Any:
        """Those of the library; regions where nobody lives give way to the most common one."""
        if self.path == COUNTRY:
            return [text for name in self.texts for text in spellings(source, name)]
        regions = source.of_people(self.path)
        own = {text.casefold() for text in self.texts}
        if not regions or any(region.casefold() in own for region in regions):
            return list(self.texts)
        return [next(iter(regions))]

    def read(self, text: str, source: DefaultValues, values: Values) -> Any:
        items = [read_text(item) for item in text.split(",") if item.strip()]
        if not items:
            raise ValueError(_("This is needed."))
        if len(items) > MOST_ITEMS:
            raise ValueError(_("At most %(most)s can be named.") % {"most": MOST_ITEMS})
        if self.path != COUNTRY:
            return list(dict.fromkeys(items))
        return list(dict.fromkeys(t for item in items for t in _country(source, item)))

    def show(self, value: Any) -> str:
        return ", ".join(value)

    def suggestions(self, source: DefaultValues, values: Values) -> Sequence[str]:
        return list(source.of_people(self.path))[:MOST_SUGGESTIONS]


def _country(source: DefaultValues, text: str) -> list[str]:
    """A country that is typed, in the account's spellings unless it is one of them."""
    return [text] if text in source.of_people(COUNTRY) else spellings(source, text)


def read_text(text: str) -> str:
    text = " ".join(text.replace("\0", "").split())
    if not text:
        raise ValueError(_("This is needed."))
    if len(text) > MOST_TEXT:
        raise ValueError(_("This has more than %(most)s characters.") % {"most": MOST_TEXT})
    return text


# --- what the account has ------------------------------------------------------------------------


@dataclass(frozen=True)
class ListParameter(Parameter):
    type: ClassVar[str] = "list"

    def default(self, source: DefaultValues, values: Values) -> Any:
        return source.newsletter or None

    def read(self, text: str, source: DefaultValues, values: Values) -> Any:
        text = text.strip()
        if text in source.lists:
            return text
        for match in (str, str.casefold):
            for key, name in source.lists.items():
                if match(name) == match(text):
                    return key
        raise ValueError(_("There is no list “%(name)s”.") % {"name": text})

    def options(self, source: DefaultValues) -> Sequence[tuple[str, str]]:
        return list(source.lists.items())

    def missing(self) -> str:
        return _("a list")


@dataclass(frozen=True)
class CampaignParameter(Parameter):
    type: ClassVar[str] = "campaign"

    def default(self, source: DefaultValues, values: Values) -> Any:
        return next(iter(source.campaigns), None)

    def read(self, text: str, source: DefaultValues, values: Values) -> Any:
        """The campaign's name in the account's spelling."""
        text = read_text(text)
        campaigns = source.campaigns
        same = [name for name in campaigns if name.casefold() == text.casefold()]
        return same[0] if same and text not in campaigns else text

    def suggestions(self, source: DefaultValues, values: Values) -> Sequence[str]:
        return source.campaigns[:MOST_SUGGESTIONS]

    def missing(self) -> str:
        return _("a campaign")


@dataclass(frozen=True)
class PointParameter(Parameter):
    """A town on the map."""

    type: ClassVar[str] = "place"
    city: str = ""
    country: str = ""

    def default(self, source: DefaultValues, values: Values) -> Any:
        """The library's town if somebody lives in it, else the one where most people live."""
        cities = source.of_people("location['city']")
        text = f"{self.city}, {self.country}"
        if cities and not any(city.casefold() == self.city.casefold() for city in cities):
            for city in list(cities)[:20]:
                try:
                    return self.read(
                        f"{city}, {places.country_name(source.country)}", source, values
                    )
                except ValueError:
                    continue
        return self.read(text, source, values)

    def read(self, text: str, source: DefaultValues, values: Values) -> Any:
        matches = places.search(read_text(text), limit=1)
        if not matches:
            raise ValueError(_("There is no town “%(name)s”.") % {"name": text.strip()})
        place = matches[0]
        return {"label": place.name, "latitude": place.latitude, "longitude": place.longitude}

    def show(self, value: Any) -> str:
        return str(value["label"]) if value else ""

    def suggestions(self, source: DefaultValues, values: Values) -> Sequence[str]:
        return list(source.of_people("location['city']"))[:MOST_SUGGESTIONS]


# --- days ----------------------------------------------------------------------------------------

_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(?:\.\.|/|–|to)\s*(\d{4}-\d{2}-\d{2})")
_OCCASION = re.compile(r"([a-z-]+)(?:[ :]+(\d{4}))?")
_FORM_OF_DAYS = gettext_noop(
    "Write two days as 2025-11-28..2025-12-01, or one of: %(known)s; a year may follow."
)


@dataclass(frozen=True)
class PeriodParameter(Parameter):
    """A range of days: typed, or those of an occasion in the account's country."""

    type: ClassVar[str] = "days"
    occasion: str = "black-friday"

    def default(self, source: DefaultValues, values: Values) -> Any:
        return self._of(self.occasion, source.today.year - 1, source)

    def _of(self, occasion: str, year: int, source: DefaultValues) -> dict[str, str]:
        span = OCCASIONS[occasion].span(source.country, year)
        return {"start": span.first.isoformat(), "end": span.final.isoformat()}

    def read(self, text: str, source: DefaultValues, values: Values) -> Any:
        text = text.strip()
        if match := _DAYS.fullmatch(text):
            try:
                first, final = (date.fromisoformat(day) for day in match.groups())
            except ValueError:
                raise ValueError(_("There is no such day.")) from None
            if final < first:
                raise ValueError(_("The last day is before the first one."))
            return {"start": first.isoformat(), "end": final.isoformat()}
        if ".." in text:
            raise ValueError(_("Choose a first and a last day."))
        match = _OCCASION.fullmatch(text.lower())
        if match is None or match[1] not in OCCASIONS:
            raise ValueError(_(_FORM_OF_DAYS) % {"known": ", ".join(OCCASIONS)})
        year = int(match[2] or source.today.year - 1)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            limits = {"first": FIRST_YEAR, "last": LAST_YEAR}
            raise ValueError(_("The year must be from %(first)s to %(last)s.") % limits)
        return self._of(match[1], year, source)

    def show(self, value: Any) -> str:
        return f"{value['start']}..{value['end']}" if value else ""

    def offers(self, source: DefaultValues) -> list[tuple[str, str]]:
        """The occasions of last year, and of this year those that are over: text and label.

        Any other days can be typed.
        """
        year = source.today.year
        offers = []
        for occasion in OCCASIONS.values():
            for each in (year - 1, year):
                span = occasion.span(source.country, each)
                if span.final <= source.today:
                    text = f"{span.first.isoformat()}..{span.final.isoformat()}"
                    offers.append((text, f"{occasion.label} {each}"))
        return offers
