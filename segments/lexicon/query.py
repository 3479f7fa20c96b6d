"""What was typed, taken apart: "not", times such as "last 30 days", numbers, and the words left.

Numbers and times are understood in the three languages at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from segments.lexicon.letters import fold, tokens

Filter = dict[str, Any]


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_NOT = word_set(
    """
    not never no without non inte aldrig ej inga ingen inget utan icke nie nigdy bez brak zaden
    zadnych zadnego outside utanfor poza spoza
    """
)
OUTSIDE = word_set("outside utanfor poza spoza")
"""Negations of a place, which do not turn "more than 50 km" around."""
FILLERS = word_set(
    """
    a an the who whose whom that which and or of to in on at by for from with is are was were be
    been has have had do does did any all every some people person persons someone somebody anyone
    everyone everybody profile profiles contact contacts user users customer customers client
    clients their them they it its my our me us yet ever once
    en ett den det de som och eller av till i pa fran med ar var har hade blivit bli vid nagon
    nagot nagra alla allt folk personer person kund kunder kunden kunderna anvandare kontakt
    kontakter profil profiler sin sina sitt hos vilka dem att om for under
    oraz lub albo z ze w we na do od po o dla przez jest sa byl byla byli byly ma maja mial miala
    mieli sie ich jego jej osoba osoby osob ludzie ludzi ktos ktorzy ktore ktory ktora klient
    klienci klientow klientki klientka uzytkownik uzytkownicy kontakty profile to ten ta te juz
    kiedykolwiek co cos something anything than an niz list lists segment segments member members
    group groups lista listan listor segmentet medlem medlemmar listy liscie segmencie czlonkowie
    but men ale a
    """
)
"""Words that say little: they count only where nothing else was typed."""

_NUMBERS = {
    **dict.fromkeys(("one", "en", "ett", "jeden", "jedno", "jedna"), 1),
    **dict.fromkeys(("two", "tva", "dwa", "dwie", "couple"), 2),
    **dict.fromkeys(("three", "tre", "trzy"), 3),
    **dict.fromkeys(("four", "fyra", "cztery"), 4),
    **dict.fromkeys(("five", "fem", "piec"), 5),
    **dict.fromkeys(("six", "sex", "szesc"), 6),
    **dict.fromkeys(("seven", "sju", "siedem"), 7),
    **dict.fromkeys(("ten", "tio", "dziesiec"), 10),
    **dict.fromkeys(("twelve", "tolv", "dwanascie"), 12),
    **dict.fromkeys(("thirty", "trettio", "trzydziesci"), 30),
}
_NUMBER = (
    r"(?P<n>(?<![\d.,])(?:\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,]\d{1,2})?(?![\d.,]))"
    rf"|{'|'.join(_NUMBERS)})"
)
_UNITS = {
    "hour": r"hours?|hrs?|timmar|timmarna|timmen|timme|godzin[aye]?|godz",
    "day": r"days?|dagar|dagarna|dagen|dag|dygn|dygnen|dygnet|dni|dniach|dnia|dzien|d",
    "week": r"weeks?|veckor|veckorna|veckan|vecka|tygodni|tygodniach|tygodnie|tygodniu|tydzien"
    r"|tygodnia",
    "month": r"months?|manader|manaderna|manaden|manad|miesiecy|miesiace|miesiacach|miesiacu"
    r"|miesiac|miesiaca",
    "year": r"years?|ar|aren|aret|lat|lata|latach|roku|rok|rokiem",
}
_UNIT = "|".join(f"(?P<{unit}>(?:{words})\\b)" for unit, words in _UNITS.items())
_PAST = (
    r"(?:(?:in|within|during|over|for|under|inom|de|den|det|i|w|przez|ciagu|z)\s+)*"
    r"(?:the\s+|de\s+|den\s+|det\s+)?"
    r"(?:last|past|previous|latest|senaste|sista|gangna|forra|ostatni\w*|minion\w*|zeszl\w*"
    r"|poprzedni\w*)"
)
_NEXT = (
    r"(?:(?:in|within|during|over|inom|de|den|det|i|w|przez|ciagu)\s+)*"
    r"(?:the\s+|de\s+|den\s+)?"
    r"(?:next|coming|upcoming|following|narmaste|kommande|nasta|nastepn\w*|najblizsz\w*"
    r"|przyszl\w*)"
)
_TIMES = (
    ("in-the-last", re.compile(rf"\b{_PAST}\s+(?:{_NUMBER}\s*)?(?:{_UNIT})")),
    ("in-the-next", re.compile(rf"\b{_NEXT}\s+(?:{_NUMBER}\s*)?(?:{_UNIT})")),
    (
        "at-least",
        re.compile(
            rf"\b(?:for\s+)?(?:over\s+|more than\s+|mer an\s+|ponad\s+|wiecej niz\s+)?"
            rf"{_NUMBER}\s*(?:{_UNIT})\s*(?:ago|sedan|temu)\b"
        ),
    ),
    (
        "in-the-last",
        re.compile(
            rf"\b(?:in|within|since|inom|pa|for|w ciagu|przez|od)\s+{_NUMBER}\s*(?:{_UNIT})"
        ),
    ),
    ("in-the-last", re.compile(rf"\b{_NUMBER}\s*(?:{_UNIT})")),
)
_TODAY = re.compile(r"\b(?:today|idag|i dag|dzisiaj|dzis)\b")
_RECENT = re.compile(r"\b(?:recently|recent|nyligen|nyss|ostatnio|niedawno|lately|pa sistone)\b")
_YESTERDAY = re.compile(r"\b(?:yesterday|igar|i gar|wczoraj)\b")

_AT_LEAST, _AT_MOST = "greater-than-or-equal", "less-than-or-equal"
_COMPARE = (
    (_AT_LEAST, r"at least|minst|atminstone|co najmniej|przynajmniej|minimum|min|>="),
    (_AT_MOST, r"at most|no more than|hogst|max|maximum|maximalt|co najwyzej|maksymalnie|<="),
    (
        "greater-than",
        r"more than|over|above|greater than|mer an|fler an|hogre an|wiecej niz|ponad|powyzej|>",
    ),
    (
        "less-than",
        r"less than|fewer than|under|below|mindre an|lagre an|mniej niz|ponizej|within|inom|do|<",
    ),
    ("equals", r"exactly|exakt|precis|dokladnie|rowno|="),
)
_COMPARISON = "|".join(f"(?P<c{i}>{words})" for i, (_name, words) in enumerate(_COMPARE))
_THINGS = {
    "times": r"times?|x|ganger|gang|razy|raz|krotnie",
    "kilometers": r"km|kilometers?|kilometres?|kilometer|kilometrow|kilometry",
    "miles": r"miles?|mi|engelska mil|mil|mile|mili",
    "percent": r"%|percent|procent|proc",
    "money": r"kr|kronor|sek|eur|euros?|usd|dollars?|gbp|pounds?|zl|zlotych|zlote|pln|[$€£]",
}
_THING = "|".join(f"(?P<t_{name}>(?:{words})(?!\\w))" for name, words in _THINGS.items())
_AMOUNT = re.compile(
    rf"(?:(?<!\w)(?:{_COMPARISON})\s*)?(?:[$€£]\s*)?(?<![\w.,]){_NUMBER}(?!\w)(?P<more>\s*\+)?"
    rf"\s*(?:{_THING})?"
)
_AMOUNT_TIGHT = re.compile(rf"(?<![\w.,])(?P<n>\d+)(?P<more>)(?:{_THING})")
_TWICE = re.compile(r"\b(?:twice|dwukrotnie)\b")


@dataclass(frozen=True)
class Amount:
    """A number with its comparison, and of what: times, km, miles, percent, money, or unknown."""

    operator: str
    """Empty where only a number was typed."""
    value: float
    unit: str = ""

    def filter(self, default: str) -> Filter:
        """The filter of numbers; `default` is the operator of a bare number."""
        value = int(self.value) if self.value == int(self.value) else self.value
        return {"type": "numeric", "operator": self.operator or default, "value": value}


@dataclass(frozen=True)
class Query:
    """What was typed."""

    text: str
    words: tuple[str, ...]
    """All words, folded."""
    rest: tuple[str, ...] = ()
    """The words without what is understood below."""
    is_negated: bool = False
    timeframe: Filter | None = field(default=None)
    amount: Amount | None = None

    @property
    def is_modified(self) -> bool:
        """Whether more than plain words was understood."""
        return self.is_negated or self.timeframe is not None or self.amount is not None

    @cached_property
    def folded(self) -> str:
        return " ".join(self.words)

    @cached_property
    def core(self) -> str:
        """The words that are left, without fillers at the start."""
        words = list(self.rest)
        while len(words) > 1 and words[0] in FILLERS:
            del words[0]
        return " ".join(words)


def parse(text: str, language: str = "") -> Query:
    """Take what was typed apart. `language` decides about words that mean different things."""
    words = tokens(text)
    left = " ".join(words)
    symbols = " ".join(re.findall(r"[\w$€£%<>=+.,'-]+", fold(text)))
    timeframe, left = _timeframe(left)
    amount = None
    if any(letter.isdigit() for letter in left) or set(left.split()) & {*_NUMBERS, "twice"}:
        amount, left = _amount(left, symbols, language)
    rest = tuple(word for word in left.split() if word not in _NOT)
    is_negated = len(rest) < len(left.split())
    return Query(text, words, rest, is_negated, timeframe, amount)


def _timeframe(text: str) -> tuple[Filter | None, str]:
    for operator, pattern in _TIMES:
        match = pattern.search(text)
        if match is None:
            continue
        unit = next(unit for unit in _UNITS if match[unit])
        quantity = _number(match["n"]) if match["n"] else 1
        if not 0 < quantity <= 100_000 or quantity != int(quantity):
            continue
        if match["n"] is None and unit == "day":
            unit, quantity = "day", 1
        found_filter = {
            "type": "date",
            "operator": operator,
            "quantity": int(quantity),
            "unit": unit,
        }
        return found_filter, _without(text, match)
    for pattern, days in ((_TODAY, 0), (_YESTERDAY, 1)):
        match = pattern.search(text)
        if match is not None:
            day = {"type": "date", "operator": "between", "start": days, "end": days, "unit": "day"}
            return day, _without(text, match)
    match = _RECENT.search(text)
    if match is not None:
        last = {"type": "date", "operator": "in-the-last", "quantity": 30, "unit": "day"}
        return last, _without(text, match)
    return None, text


def _amount(text: str, symbols: str, language: str) -> tuple[Amount | None, str]:
    twice = _TWICE.search(text)
    if twice is not None:
        return Amount("", 2, "times"), _without(text, twice)
    match = _AMOUNT.search(text) or _AMOUNT_TIGHT.search(text)
    if match is None:
        return None, text
    groups = match.groupdict()
    operator = next((n for i, (n, _w) in enumerate(_COMPARE) if groups.get(f"c{i}")), "")
    unit = next((name for name in _THINGS if groups.get(f"t_{name}")), "")
    for sign, name in (("%", "percent"), ("$", "money"), ("€", "money"), ("£", "money")):
        unit = unit or (name if sign in symbols else "")
    for sign, name in ((">=", _AT_LEAST), ("<=", _AT_MOST), (">", "greater-than"),
                       ("<", "less-than"), ("+", _AT_LEAST)):  # fmt: skip
        if not operator and sign in symbols:
            operator = name
    rest = _without(text, match)
    is_bare = not operator and not unit
    if is_bare and (not rest or _is_year(match["n"]) or _RANGE.search(symbols)):
        return None, text  # a postcode, a year, an age group
    if re.match(rf"\s*(?:{_UNIT})", text[match.end() :]):
        return None, text  # "1.5 months" is no number of orders
    number = _number(match["n"])
    if unit == "miles" and match["t_miles"] == "mil" and _is_swedish(text, language):
        return Amount(operator, number * 10, "kilometers"), rest
    return Amount(operator, number, unit), rest


_RANGE = re.compile(r"\d-\d")


_SWEDISH = word_set("inom fran runt omkring kring nara narheten an bor utanfor minst hogst")
_POLISH = word_set("od z ze w we ponad promieniu blisko kolo obok dalej niz mniej wiecej poza do")


def _is_swedish(text: str, language: str) -> bool:
    """Whether "mil" is ten kilometers; in Polish it is miles."""
    words = set(text.split())
    return bool(words & _SWEDISH) or (language == "sv" and not words & _POLISH)


def _is_year(text: str) -> bool:
    return len(text) == 4 and text[:2] in ("19", "20")


def _number(text: str) -> float:
    if text in _NUMBERS:
        return _NUMBERS[text]
    if re.fullmatch(r"\d+[.,]\d{1,2}", text) and len(text) <= 12:
        return float(text.replace(",", "."))
    digits = re.sub(r"[^\d]", "", text)
    return float(digits[:12] or 0)


def _without(text: str, match: re.Match[str]) -> str:
    return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())
