"""The words around conditions in three languages: joining, negation, numbers, units, times.

Patterns match folded words that are separated by single spaces. `N` stands for a number, `U` for a
unit of time, `D` for a date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

Patterns = list[tuple[str, re.Pattern[str]]]
UNITS = ("hour", "day", "week", "month", "year")


@dataclass(frozen=True)
class Wording:
    """The words of a language."""

    both: frozenset[str]
    either: frozenset[str]
    but: frozenset[str]
    negations: frozenset[str]
    neither: frozenset[str]
    """Negations of all that follows up to "nor" or "or" and the next condition."""
    nor: frozenset[str]
    """Words that join and negate."""
    pronouns: frozenset[str]
    fillers: frozenset[str]
    numbers: dict[str, int]
    units: dict[str, str]
    months: dict[str, int]
    times: tuple[tuple[str, str], ...]
    """(what is meant, pattern)."""
    amounts: tuple[tuple[str, str], ...]
    """(operator, pattern of the words before and after the number)."""
    things: dict[str, str]
    """What is counted, to its pattern."""
    objects: frozenset[str]
    """What verbs such as "opened" and "placed" are followed by: it says nothing more."""
    equals: frozenset[str]
    """Words between a property and its value."""
    text_tests: dict[str, str]
    """Operator of texts to its pattern."""
    joined: frozenset[str]
    """Words before a list that say that people were added to it."""
    ten_kilometers: frozenset[str] = frozenset()
    """A unit of ten kilometers."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _numbered(words: str, start: int = 1) -> dict[str, int]:
    """Words for ascending numbers; several for one number are joined by a slash."""
    return {
        word: number
        for number, group in enumerate(words.split(), start)
        for word in group.split("/")
    }


_MONEY = r"kr|kronor|sek|eur|euros?|usd|dollars?|gbp|pounds?|zl|zlotych|zlote|pln|[$€£]"

_EN = Wording(
    both=_set("and & plus also +"),
    either=_set("or"),
    but=_set("but yet however"),
    negations=_set("not never no without non neither nobody except excluding outside"),
    neither=_set("neither"),
    nor=_set("nor"),
    pronouns=_set("who whose that which they"),
    fillers=_set(
        """a an the of to in on at by from for with is are was were be been being has have had do
        does did any some all people person persons someone everyone everybody customers customer
        clients client profiles profile contacts contact subscribers users user shoppers folks
        their them his her it its ever only just i want show me find give list segment lists
        segments currently already yet live lives living lived based located residing reside am
        member members part belong belongs made done placed than each every . ! ?"""
    ),
    numbers=_numbered(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    )
    | {"twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90, "hundred": 100, "dozen": 12},
    units={
        "hour": r"hours?|hrs?|h",
        "day": r"days?|d",
        "week": r"weeks?|wks?|w",
        "month": r"months?|mos?|m",
        "year": r"years?|yrs?|y",
    },
    months=_numbered(
        "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug"
        " september/sep/sept october/oct november/nov december/dec"
    ),
    times=(
        ("between", r"(?:between |from )?N (?:and|to|-) N U ago"),
        ("at-least", r"(?:at least|more than|over|longer than) N U ago"),
        ("ago", r"N U ago"),
        ("in-the-last", (r"(?:(?:in|within|during|over|for|since) )?(?:the |these )?"
                        r"(?:last|past|previous|recent) (?:N )?U")),
        ("in-the-next", (r"(?:(?:in|within|during|over) )?(?:the )?"
                        r"(?:next|coming|upcoming|following) (?:N )?U")),
        ("within", r"(?:within|in|for|during) (?:the )?N U"),
        ("within", r"(?:within|in|for) (?:a|an) U"),
        ("within", r"N U"),
        ("today", r"today"),
        ("yesterday", r"yesterday"),
        ("this", r"(?:(?:in|during) )?this (?P<this>week|month|year)"),
        ("range", r"(?:from |between )D (?:to|through|until|till|and|-) D"),
        ("since", r"(?:since|from) D(?: on)?"),
        ("after", r"after D"),
        ("before", r"(?:before|until|till) D"),
        ("year", r"(?:in|during) (?P<year>(?:19|20)\d\d)"),
        ("alltime", r"over all time|of all time|all time|ever"),
        ("recently", r"recently|lately"),
    ),
    amounts=(
        ("between", r"between N and N|N to N|N - N"),
        ("greater-than-or-equal", r"(?:at least|min(?:imum)?|no (?:less|fewer) than|> =) N"),
        ("greater-than-or-equal", r"N (?:or more|and more|plus|\+|or over|and up)"),
        ("less-than-or-equal", r"(?:at most|not? more than|max(?:imum)?(?: of)?|up to|< =) N"),
        ("less-than-or-equal", r"N (?:or less|or fewer)"),
        ("greater-than", r"(?:more|greater|higher|larger|farther) than N|(?:over|above|>) N"),
        ("less-than", r"(?:less|fewer|lower|smaller) than N|(?:under|below|within|<) N"),
        ("equals", r"(?:exactly|precisely|only|just|=) N|N"),
    ),
    things={"times": "times?|x", "kilometers": "km|kilomet(?:er|re)s?", "miles": "miles?|mi",
            "percent": "%|percent", "money": _MONEY},
    objects=_set("""email emails mail mails message messages order orders purchase purchases product
        products item items cart site page pages form forms anything something"""),
    equals=_set("is are = equals was equal to"),
    text_tests={"contains": "contains|containing|includes", "starts-with": "(?:starts|begins) with",
                "ends-with": "(?:ends|ending) (?:with|in)"},
    joined=_set("joined added entered"),
)  # fmt: skip

_SV = Wording(
    both=_set("och & samt plus +"),
    either=_set("eller"),
    but=_set("men fast"),
    negations=_set("varken inte aldrig ej icke ingen inga inget utan forutom utanfor"),
    neither=_set("varken"),
    nor=_set(""),
    pronouns=_set("som vars vilka de"),
    fillers=_set(
        """en ett den det de dem att i pa fran till av med for hos om over under vid ar var varit
        har hade haft gor gjort nagon nagot nagra alla allt personer person kunder kund kunderna
        kontakter kontakt profiler profil anvandare prenumeranter folk de sin sina sitt deras bor
        bodde bosatta boende finns bara endast ju redan nu visa hitta jag vill ha listan lista
        listor segment segmentet medlem medlemmar ingar med nagonsin lagt gjort sammanlagt totalt
        an . ! ?"""
    ),
    numbers=_numbered(
        "en/ett tva tre fyra fem sex sju atta nio tio elva tolv tretton fjorton femton"
    )
    | {"tjugo": 20, "trettio": 30, "sextio": 60, "nittio": 90, "hundra": 100},
    units={
        "hour": r"timm(?:e|en|ar|arna)|tim|h",
        "day": r"dag(?:en|ar|arna)?|dygn(?:et|en)?|d",
        "week": r"veck(?:a|an|or|orna)|v",
        "month": r"manad(?:en|er|erna)?|man",
        "year": r"ar(?:et|en)?",
    },
    months=_numbered(
        "januari/jan februari/feb mars/mar april/apr maj juni/jun juli/jul augusti/aug"
        " september/sep/sept oktober/okt november/nov december/dec"
    ),
    times=(
        ("between", r"for (?:mellan )?N (?:och|till|-) N U sedan"),
        ("at-least", r"for (?:minst|mer an|over) N U sedan"),
        ("ago", r"for N U sedan"),
        ("in-the-last", (r"(?:(?:under|inom|pa|for|de|den|det|i) )*"
                        r"(?:senaste|sista|gangna|forra|senast) (?:N )?U")),
        ("in-the-next", (r"(?:(?:under|inom|de|den|det|i) )*"
                        r"(?:narmaste|kommande|nasta) (?:N )?U")),
        ("within", r"(?:inom|pa|under|i) N U"),
        ("within", r"N U"),
        ("today", r"idag|i dag"),
        ("yesterday", r"igar|i gar"),
        ("this", (r"(?:(?:under|i) )?(?:den har |denna |detta |det har )"
                 r"(?P<this>vecka|veckan|manad|manaden|ar|aret)|i (?P<this2>ar)")),
        ("range", r"(?:fran|mellan)(?: och med)? D (?:till(?: och med)?|och|-) (?:den )?D"),
        ("since", r"(?:sedan|fran(?: och med)?) (?:den )?D"),
        ("after", r"efter (?:den )?D"),
        ("before", r"(?:fore|innan) (?:den )?D"),
        ("year", r"(?:under|ar|i) (?P<year>(?:19|20)\d\d)"),
        ("alltime", r"under hela historiken|nagonsin"),
        ("recently", r"nyligen|nyss"),
    ),
    amounts=(
        ("between", r"mellan N och N|N till N|N - N"),
        ("greater-than-or-equal", r"(?:minst|atminstone|lagst|minimum|> =) N"),
        ("greater-than-or-equal", r"N (?:eller (?:fler|mer|flera)|\+)"),
        ("less-than-or-equal", r"(?:hogst|max(?:imalt)?|upp till|inte (?:mer|fler) an|< =) N"),
        ("less-than-or-equal", r"N eller (?:farre|mindre)"),
        ("greater-than", r"(?:mer|fler|flera|storre|hogre|langre) an N|(?:over|>) N"),
        ("less-than", r"(?:mindre|farre|lagre) an N|(?:under|inom|<) N"),
        ("equals", r"(?:exakt|precis|bara|endast|=) N|N"),
    ),
    things={"times": "ganger|gang|x", "kilometers": "km|kilometer", "miles": "miles?|engelska mil",
            "percent": "%|procent", "money": _MONEY},
    objects=_set("""mejl mejlet mejlen mail epost utskick meddelande meddelanden order ordrar kop
        bestallning bestallningar produkt produkter varukorg varukorgen sida sidan formular"""),
    equals=_set("ar = lika med"),
    text_tests={"contains": "innehaller", "starts-with": "borjar (?:med|pa)",
                "ends-with": "slutar (?:med|pa)"},
    joined=_set("tillagda tillagd gatt gick"),
    ten_kilometers=_set("mil"),
)  # fmt: skip

_PL = Wording(
    both=_set("i oraz a & plus + jednoczesnie"),
    either=_set("lub albo"),
    but=_set("ale lecz jednak"),
    negations=_set("nie nigdy bez brak zaden zadnego zadnych oprocz poza spoza"),
    neither=_set(""),
    nor=_set("ani"),
    pronouns=_set("ktorzy ktore ktory ktora ktorych"),
    fillers=_set(
        """w we z ze do od na o u za przez dla jest sa byl byla byli byly bylo maja ma mial miala
        mieli sie ich jego jej osoba osoby osob osobom ludzie ludzi ktos klient klienci klientow
        klientki klientka profile profil uzytkownicy uzytkownik kontakty subskrybenci wszyscy
        wszystkie mieszka mieszkaja mieszkajacy mieszkali pochodza tylko juz lista listy liscie
        segment segmentu segmencie naleza nalezy naleze czlonek czlonkowie pokaz znajdz chce te ten
        ta to kiedykolwiek zdarzenie zdarzenia wykonaly wykonali lacznie . ! ?"""
    ),
    numbers=_numbered(
        "jeden/jedno/jedna/jednego dwa/dwie/dwoch trzy/trzech cztery/czterech piec/pieciu"
        " szesc/szesciu siedem/siedmiu osiem/osmiu dziewiec/dziewieciu dziesiec/dziesieciu"
        " jedenascie dwanascie/dwunastu"
    )
    | {"trzydziesci": 30, "trzydziestu": 30, "szescdziesiat": 60}
    | {"dziewiecdziesiat": 90, "sto": 100},
    units={
        "hour": r"godzin(?:a|y|e|ie)?|godz|h",
        "day": r"dni(?:a|ach|u)?|dzien|d",
        "week": r"tygod(?:ni|nia|nie|niu|niach)|tydzien",
        "month": r"miesi(?:ac|aca|ace|acu|ecy|acach)",
        "year": r"rok(?:u|iem)?|lat(?:a|ach)?",
    },
    months=_numbered(
        "styczen/stycznia/styczniu luty/lutego/lutym marzec/marca/marcu kwiecien/kwietnia/kwietniu"
        " maj/maja/maju czerwiec/czerwca/czerwcu lipiec/lipca/lipcu sierpien/sierpnia/sierpniu"
        " wrzesien/wrzesnia/wrzesniu pazdziernik/pazdziernika/pazdzierniku"
        " listopad/listopada/listopadzie grudzien/grudnia/grudniu"
    ),
    times=(
        ("between", r"(?:od |miedzy )?N (?:do|a|-) N U temu"),
        ("at-least", r"(?:co najmniej|ponad|wiecej niz|przynajmniej) N U temu"),
        ("ago", r"(?:N )?U temu"),
        ("in-the-last", (r"(?:(?:w|we|przez|od|z|ciagu|za|na) )*"
                        r"(?:ostatni\w*|minion\w*|zeszl\w*|poprzedni\w*|ubiegl\w*) (?:N )?U")),
        ("in-the-next", r"(?:(?:w|we|przez|ciagu) )*(?:najblizsz|nastepn|przyszl)\w* (?:N )?U"),
        ("within", r"(?:w ciagu|przez|od|w) N U"),
        ("within", r"N U"),
        ("today", r"dzisiaj|dzis"),
        ("yesterday", r"wczoraj"),
        ("this", (r"(?:(?:w|we) )?(?:tym|tego|biezacym|biezacego) "
                 r"(?P<this>tygodniu|tygodnia|miesiacu|miesiaca|roku)")),
        ("range", r"(?:od|miedzy) D (?:do|a|-) D(?: wlacznie)?"),
        ("since", r"od D"),
        ("after", r"po D"),
        ("before", r"przed D"),
        ("year", r"w (?:roku )?(?P<year>(?:19|20)\d\d)(?: roku| r)?"),
        ("alltime", r"w calej historii|kiedykolwiek"),
        ("recently", r"ostatnio|niedawno"),
    ),
    amounts=(
        ("between", r"od N do N|miedzy N a N|N - N"),
        ("greater-than-or-equal", r"(?:co najmniej|przynajmniej|minimum|min|> =) N"),
        ("greater-than-or-equal", r"N (?:lub|albo|i) wiecej|N \+"),
        ("less-than-or-equal", r"(?:(?:co )?najwyzej|maks(?:ymalnie)?|do|nie wiecej niz|< =) N"),
        ("less-than-or-equal", r"N lub mniej"),
        ("greater-than", r"(?:wiecej|wiekszy|dalej) niz N|(?:ponad|powyzej|>) N"),
        ("less-than", r"(?:mniej|blizej) niz N|(?:ponizej|w promieniu|<) N"),
        ("equals", r"(?:dokladnie|rowno|tylko|=) N|N"),
    ),
    things={"times": "razy|raz|raza|krotnie", "kilometers": "km|kilometrow|kilometry",
            "miles": "mil|mile|mili", "percent": "%|procent|proc", "money": _MONEY},
    objects=_set("""email emaila emaile maila mail maile wiadomosc wiadomosci zamowienie zamowienia
        zakup zakupy produkt produkty produktu koszyk koszyka strone formularz"""),
    equals=_set("jest to = rowna"),
    text_tests={"contains": "zawiera", "starts-with": "zaczyna sie od",
                "ends-with": "konczy sie na"},
    joined=_set("dodani dodane dolaczyli dolaczyly"),
)  # fmt: skip

_WORDINGS = {"en": _EN, "sv": _SV, "pl": _PL}
ONCE = {
    "once": 1, "twice": 2, "thrice": 3,
    "raz": 1, "dwukrotnie": 2, "trzykrotnie": 3,
}  # fmt: skip
"""Words that are a number of times."""


def wording(language: str) -> Wording:
    """The words of a language."""
    return _WORDINGS[language]


@cache
def patterns(language: str) -> tuple[Patterns, Patterns]:
    """The patterns of times and of amounts. Numbers are in the groups n0, n1; dates in d0, d1."""
    words = wording(language)
    return (
        [(name, each) for name, pattern in words.times for each in _compile(pattern, words)],
        [(name, each) for name, pattern in words.amounts for each in _compile(pattern, words)],
    )


def _compile(pattern: str, words: Wording) -> list[re.Pattern[str]]:
    number = "|".join(sorted((*words.numbers, *ONCE), key=len, reverse=True))
    units = "|".join(f"(?P<{unit}>{forms})" for unit, forms in words.units.items())
    month = "|".join(sorted(words.months, key=len, reverse=True))
    day = rf"\d{{1,2}}(?: \.)? (?:{month})|(?:{month}) \d{{1,2}}(?: st| nd| rd| th)?"
    date = rf"\d{{4}}-\d\d-\d\d|(?:{day})(?:(?: ,)? \d{{4}})?"
    counts = {"N": 0, "D": 0}

    def symbol(match: re.Match[str]) -> str:
        sign = match[0]
        if sign == "U":
            return f"(?:{units})"
        group = f"{'n' if sign == 'N' else 'd'}{counts[sign]}"
        counts[sign] += 1
        if sign == "D":
            return f"(?P<{group}>{date})"
        return rf"(?P<{group}>\d{{1,15}}(?:\.\d{{1,15}})?|{number})"

    # Every alternative has its own numbers.
    alternatives = []
    for alternative in _alternatives(pattern):
        counts.update(N=0, D=0)
        alternatives.append(re.sub(r"\b[NUD]\b", symbol, alternative))
    return [re.compile(rf"(?<!\S)(?:{each})(?!\S)") for each in alternatives]


def _alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern outside of brackets."""
    parts, depth, begin = [], 0, 0
    for i, sign in enumerate(pattern):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            parts.append(pattern[begin:i])
            begin = i + 1
    return [*parts, pattern[begin:]]
