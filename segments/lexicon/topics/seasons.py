"""Days of the year that were typed: Black Friday, Christmas, a month, this year."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

from segments.lexicon.entries import Entry, LexiconPhrase, ValueCondition, phrases_of, values
from segments.lexicon.fragments import events
from segments.lexicon.index import Index
from segments.lexicon.labels import DONE
from segments.lexicon.query import FILLERS, Query
from segments.lexicon.shop import ShopNames
from segments.lexicon.verbs import metrics_meant

Days = tuple[date, date]
_DAY = timedelta(days=1)


def _black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _easter(year: int) -> date:
    """Easter Sunday (Gregorian; the anonymous algorithm, Nature 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def _between(month: int, day: int, until_month: int, until_day: int) -> Callable[[int], Days]:
    return lambda year: (date(year, month, day), date(year, until_month, until_day))


_SEASONS: dict[str, tuple[Callable[[int], Days], str]] = {
    "black-friday": (
        lambda year: (_black_friday(year), _black_friday(year) + 3 * _DAY),
        """
        en: black friday, bfcm, black friday weekend, cyber weekend, blackfriday, black friday
          sale
        sv: black friday, black friday-helgen, black friday helg
        pl: black friday, czarny piątek, czarnego piątku
        """,
    ),
    "cyber-monday": (
        lambda year: (_black_friday(year) + 3 * _DAY, _black_friday(year) + 3 * _DAY),
        """
        en: cyber monday
        sv: cyber monday, cybermåndag
        pl: cyber monday, cyber poniedziałek
        """,
    ),
    "black-week": (
        lambda year: (_black_friday(year) - 4 * _DAY, _black_friday(year) + 3 * _DAY),
        """
        en: black week, cyber week
        sv: black week, svarta veckan
        pl: black week, czarny tydzień
        """,
    ),
    "christmas": (
        _between(12, 1, 12, 24),
        """
        en: christmas, xmas, christmas shoppers, holiday season, holidays, holiday shoppers,
          december holidays, christmas season, bought at christmas
        sv: jul, julen, julhandel, julhandeln, julklapp, julklappar, julkunder
        pl: boże narodzenie, święta, świąteczny, świąteczne zakupy, gwiazdka, przed świętami
        """,
    ),
    "easter": (
        lambda year: (_easter(year) - 14 * _DAY, _easter(year)),
        """
        en: easter
        sv: påsk, påsken
        pl: wielkanoc, wielkanocny
        """,
    ),
    "valentine": (
        _between(2, 1, 2, 14),
        """
        en: valentine, valentines day, valentine's day
        sv: alla hjärtans dag
        pl: walentynki, walentynek
        """,
    ),
    "mothers-day": (
        _between(5, 1, 5, 31),
        """
        en: mother's day, mothers day
        sv: mors dag
        pl: dzień matki
        """,
    ),
    "halloween": (_between(10, 15, 10, 31), "en: halloween\nsv: halloween\npl: halloween"),
    "midsummer": (_between(6, 10, 6, 26), "en: midsummer\nsv: midsommar\npl: noc świętojańska"),
    "new-year": (
        lambda year: (date(year, 12, 27), date(year + 1, 1, 6)),
        """
        en: new year, new year's, new years eve
        sv: nyår, nyårsafton
        pl: nowy rok, sylwester
        """,
    ),
    "winter": (
        lambda year: (date(year, 12, 1), date(year + 1, 2, 28)),
        """
        en: winter, last winter, in winter, winter season
        sv: vinter, vintern, i vintras
        pl: zima, zimą, zimie, zimowy
        """,
    ),
    "spring": (_between(3, 1, 5, 31), "en: spring\nsv: vår, våren, i våras\npl: wiosna, wiosną"),
    "summer": (
        _between(6, 1, 8, 31),
        """
        en: summer, last summer, in summer, summer season
        sv: sommar, sommaren, i somras
        pl: lato, latem, letni
        """,
    ),
    "autumn": (
        _between(9, 1, 11, 30),
        """
        en: autumn, fall, last autumn
        sv: höst, hösten, i höstas
        pl: jesień, jesienią
        """,
    ),
}
_MONTHS = """
    january januari styczeń styczniu stycznia
    february februari luty lutym lutego
    march mars marzec marcu marca
    april kwiecień kwietniu kwietnia
    may maj maju maja
    june juni czerwiec czerwcu czerwca
    july juli lipiec lipcu lipca
    august augusti sierpień sierpniu sierpnia
    september wrzesień wrześniu września
    october oktober październik październiku października
    november listopad listopadzie listopada
    december grudzień grudniu grudnia
"""
_YEAR = re.compile(r"\b(20\d\d)\b")
_CURRENT = {
    "week": ("this week", "current week", "denna vecka", "den har veckan", "i veckan",
             "w tym tygodniu", "ten tydzien", "biezacy tydzien"),
    "month": ("this month", "current month", "denna manad", "den har manaden",
              "w tym miesiacu", "ten miesiac", "biezacy miesiac"),
    "year": ("this year", "current year", "i ar", "detta ar", "det har aret",
             "w tym roku", "ten rok", "biezacy rok", "year to date", "ytd"),
}  # fmt: skip


@values.register("seasons")
def _seasons(shop: ShopNames, query: Query) -> Iterator[ValueCondition]:
    key = shop.metric("Placed Order")
    if key is None:
        return
    year = _YEAR.search(query.folded)
    words = tuple(word for word in query.words if year is None or word != year[0])
    starts = [(0, (key,)), *metrics_meant(shop, words)]
    if year is not None and not words:
        yield _value(key, (date(int(year[0]), 1, 1), date(int(year[0]), 12, 31)), 0.93)
        return
    for skip, keys in starts:
        rest = words[skip:]
        metric = keys[-1] if skip and keys else key
        start = _current(shop.today, " ".join(rest))
        if start is not None:
            yield _value(metric, (start, shop.today), 0.95)
        for name, score in _fitting(rest):
            days = _days(name, int(year[0]) if year else None, shop.today)
            yield _value(metric, days, min(score, 0.95))


def _value(key: str, days: Days, score: float) -> ValueCondition:
    when = {
        "type": "date",
        "operator": "between-static",
        "start": days[0].isoformat(),
        "end": days[1].isoformat(),
    }
    return ValueCondition(events(key, when=when), score, DONE)


def _fitting(words: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    plain = tuple(word for word in words if word not in FILLERS)
    if not plain or len("".join(plain)) < 3:
        return
    for fit in _index().fits(plain, "en")[:2]:
        if fit.is_whole and fit.score > 0.8:
            yield fit.entry.name, fit.score


def _days(name: str, year: int | None, today: date) -> Days:
    """The days of a season in a year, or of the last one that has begun."""
    make = _SEASONS[name][0] if name in _SEASONS else _month(int(name))
    if year is not None:
        return make(year)
    days = make(today.year)
    return days if days[0] <= today else make(today.year - 1)


def _month(number: int) -> Callable[[int], Days]:
    def days(year: int) -> Days:
        after = date(year + number // 12, number % 12 + 1, 1)
        return date(year, number, 1), after - _DAY

    return days


def _current(today: date, text: str) -> date | None:
    """The first day of this week, month or year, where that is what is typed."""
    for unit, phrases in _CURRENT.items():
        if text in phrases:
            if unit == "week":
                return today - timedelta(days=today.weekday())
            return today.replace(day=1) if unit == "month" else today.replace(month=1, day=1)
    return None


@cache
def _index() -> Index:
    entries = [_entry(name, phrases_of(text)) for name, (_days, text) in _SEASONS.items()]
    months = [line.split() for line in _MONTHS.split("\n") if line.strip()]
    for number, names in enumerate(months, 1):
        entries.append(_entry(str(number), phrases_of(", ".join(names))))
    return Index(entries)


def _entry(name: str, phrases: tuple[LexiconPhrase, ...]) -> Entry:
    return Entry(name, lambda shop: None, phrases, DONE)
