"""Places that were typed: towns, regions, countries, postcodes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from profiles import places
from segments.lexicon.entries import Fragment, ValueCondition, values
from segments.lexicon.fragments import CITY, COUNTRY, REGION, about, near_point, text, texts
from segments.lexicon.labels import ABOUT, PLACES
from segments.lexicon.letters import errors_allowed, fold, nearest, tokens
from segments.lexicon.query import FILLERS, Query, word_set
from segments.lexicon.shop import ShopNames
from segments.lexicon.stems import stem
from segments.lexicon.value_index import ValuesOfProperty

_BEFORE = word_set(
    """
    near nearby close within around in from at of to by living lives live lived based located
    resides inside km miles mile kilometers radius people everyone customers residents
    nara narheten inom runt omkring kring i fran bor boende bosatta avstand mil
    blisko niedaleko poblizu obok kolo okolice okolicy okolicach promieniu od w we z ze mieszka
    mieszkaja mieszkancy mieszkajacy odleglosc city town county region state country area
    staden kommun lan miasto miescie
    """
)
_STRONG = _BEFORE - FILLERS
"""Words before a place that can only be followed by one."""
_DATA = Path(__file__).parent.parent / "data" / "country_names.csv"
_PEOPLES = {
    "SE": "swedish swede swedes svensk svenska svenskar svenskarna szwed szwedzi szwedzki",
    "PL": "polish pole poles polack polacker polsk polska polak polacy polski",
    "NO": "norwegian norwegians norrman norrman norsk norska norweg norwedzy norweski",
    "DK": "danish dane danes dansk danskar danska dunczyk dunczycy dunski",
    "FI": "finnish finns finn finlandare finsk finska fin finowie finski",
    "DE": "german germans tysk tyskar tyska niemiec niemcy niemiecki niemieccy",
    "US": "american americans us usa amerikan amerikaner amerikansk amerykanin amerykanie"
    " amerykanski",
    "GB": "british brit brits english uk gb britt britter brittisk brytyjczyk brytyjczycy"
    " brytyjski anglia",
    "FR": "french frenchmen fransk fransman francuz francuzi francuski",
    "ES": "spanish spaniard spaniards spansk spanjor spanjorer hiszpan hiszpanie hiszpanski",
    "IT": "italian italians italiensk italienare wloch wlosi wloski",
    "NL": "dutch hollandare hollandsk nederlandare holender holendrzy holenderski holandia",
    "CA": "canadian canadians kanadensare kanadensisk kanadyjczyk kanadyjczycy kanadyjski",
    "CH": "swiss schweizare schweizisk szwajcar szwajcarzy szwajcarski",
    "AT": "austrian austrians osterrikare osterrikisk austriak austriacy austriacki",
    "BE": "belgian belgians belgare belgisk belg belgowie belgijski",
    "IE": "irish irlandare irlandsk irlandczyk irlandczycy irlandzki",
    "CZ": "czech czechs tjeck tjecker tjeckisk czech czesi czeski",
    "UA": "ukrainian ukrainians ukrainare ukrainsk ukrainiec ukraincy ukrainski",
    "IS": "icelandic icelander islanning islandsk islandczyk",
    "AU": "australian australians australier australiensisk australijczyk australijczycy",
    "JP": "japanese japan japaner japansk japonczyk japonczycy japonski",
    "IN": "indian indians indier indisk hindus hindusi",
}
_SHORT_CODES = frozenset({"us", "uk", "usa", "gb"})
_ENDINGS = ("owie", "iem", "ach", "om", "ie", "em", "iu", "ow", "a", "u", "y", "e", "i", "s")
_LARGE, _MIDDLE = 100_000, 15_000


@values.register("places")
def _places(shop: ShopNames, query: Query) -> Iterator[ValueCondition]:
    words = list(query.rest or query.words)
    is_sure = False
    while len(words) > 1 and (words[0] in _BEFORE or words[0] in FILLERS):
        is_sure = is_sure or words[0] in _STRONG
        del words[0]
    while len(words) > 1 and (words[-1] in _BEFORE or words[-1] in FILLERS):
        is_sure = is_sure or words[-1] in _STRONG
        del words[-1]
    is_sure = is_sure or (query.amount is not None and query.amount.unit in ("kilometers", "miles"))
    name = " ".join(words)
    if len(name) < 2 or (len(words) == 1 and words[0] in FILLERS and words[0] not in _SHORT_CODES):
        return
    index = {each.name: each for each in shop.values if not each.metric}
    matches = [
        *_country(index, query, name, is_sure),
        *_region(index, name, is_sure),
        *_city(index, name, is_sure),
        *_postcode(index, name),
    ]
    yield from matches or _mistyped(index, query, name, is_sure)


def _mistyped(
    index: dict[str, ValuesOfProperty], query: Query, name: str, is_sure: bool
) -> Iterator[ValueCondition]:
    """Places of the account and countries of which the name is mistyped."""
    names = set(_by_letter().get(name[0], ()))
    for path in (CITY, REGION, COUNTRY):
        known = index.get(path)
        names |= {each.strip() for each in known.folded if each[1:2] == name[0]} if known else set()
    alike = [each for each in names if abs(len(each) - len(name)) <= errors_allowed(name)]
    near_names = sorted(nearest(name, alike), key=lambda one: (one[1], one[0]))
    for other, errors in near_names[:2]:
        worth = _MISTYPED - 0.05 * (errors - 1)
        matches = [*_country(index, query, other, is_sure), *_region(index, other, is_sure)]
        for match in matches or [*_city(index, other, is_sure)]:
            yield replace(match, score=match.score * worth, phrase=match.phrase or other.title())


_MISTYPED = 0.85


@cache
def _by_letter() -> dict[str, list[str]]:
    """The folded names of countries by their first letter."""
    codes = set(_country_names().values())
    names = {fold(name) for code in codes if (name := places.country_name(code))}
    by_letter: dict[str, list[str]] = {}
    for name in names | {name for name in _country_names() if name[0] != "~"}:
        by_letter.setdefault(name[0], []).append(name)
    return by_letter


def _country(
    index: dict[str, ValuesOfProperty], query: Query, name: str, is_sure: bool
) -> Iterator[ValueCondition]:
    code = _country_code(name, query.text)
    if code is None:
        return
    known = index.get(COUNTRY)
    names = [t for t in known.texts if places.country_code(t) == code] if known else []
    names = names or [places.country_name(code) or code]
    score = 0.985 if is_sure else 0.965
    yield ValueCondition(about(COUNTRY, texts(names)), score, PLACES)
    if code == "US":
        yield ValueCondition(_region_of_the_world("united_states"), score - 0.02, PLACES)
    if code == "GB":
        yield ValueCondition(_region_of_the_world("united_kingdom"), score - 0.02, PLACES)


def _region_of_the_world(region: str) -> Fragment:
    return {"type": "profile-region", "in_region": True, "region": region}


def _country_code(name: str, typed: str) -> str | None:
    if len(name.replace(" ", "")) <= 3 and name not in _SHORT_CODES:
        return places.country_code(name) if typed.strip().isupper() else None
    known = places.country_code(name) or _country_names().get(name)
    return known or _country_names().get(f"~{stem(name, 'pl')}")


@cache
def _country_names() -> dict[str, str]:
    """Folded names in Swedish and Polish, and of peoples, to codes; Polish stems after a `~`."""
    codes: dict[str, str] = {}
    with _DATA.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for language in ("sv", "pl"):
                codes.setdefault(" ".join(tokens(row[language])), row["alpha2"])
            words = tokens(row["pl"])
            if len(words) == 1 and len(words[0]) >= 5:
                codes.setdefault(f"~{stem(words[0], 'pl')}", row["alpha2"])
    for code, names in _PEOPLES.items():
        for name in names.split():
            codes.setdefault(name, code)
    return codes


def _region(
    index: dict[str, ValuesOfProperty], name: str, is_sure: bool
) -> Iterator[ValueCondition]:
    known = index.get(REGION)
    same = known.equals(name) if known else []
    if same:
        yield ValueCondition(about(REGION, texts(same)), 0.982 if is_sure else 0.962, PLACES)
        return
    match = known.find(name) if known and len(name) >= 3 else None
    if match is not None:
        yield ValueCondition(about(REGION, text("contains", match.value)), 0.8, PLACES, match.value)


def _city(index: dict[str, ValuesOfProperty], name: str, is_sure: bool) -> Iterator[ValueCondition]:
    if len(name) < 3 and not is_sure:
        return
    known = index.get(CITY)
    for variant, worth in _variants(name):
        of_account = known.equals(variant) if known else []
        point = places.city_point(variant, None, None)
        matches = places.search(variant, limit=6)
        exact = [
            p for p in matches
            if fold(p.name) == variant or (point and abs(p.latitude - point[0]) < 1e-3)
        ]  # fmt: skip
        for number, place in enumerate(exact[:3]):
            score = 0.96 if is_sure else 0.945 if place.population >= _LARGE else 0.9
            if place.population < _MIDDLE and not is_sure:
                score = 0.8
            if of_account:
                score = max(score, 0.955)
            label = of_account[0] if of_account and not number else place.name
            yield ValueCondition(_near(place, label), score * worth - number * 0.03, PLACES, label)
        if exact or of_account:
            names = of_account or [exact[0].name]
            worth_here = 0.01 if of_account and not exact else 0.0
            score = 0.955 if is_sure or of_account else 0.78
            yield ValueCondition(
                about(CITY, texts(names)), (score + worth_here) * worth - 0.005, PLACES
            )
            return
    if len(name) >= 4:
        for number, place in enumerate(places.search(name, limit=4)):
            if place.population >= _LARGE or is_sure:
                score = (0.85 if is_sure else 0.7) - number * 0.02
                yield ValueCondition(_near(place, place.name), score, PLACES, place.name)


def _variants(name: str) -> Iterator[tuple[str, float]]:
    """The name, and what it may be without an ending: "krakowie" is "krakow"."""
    yield name, 1.0
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 4:
            stump = name.removesuffix(ending)
            for more in ("", "a", "o"):
                if stump + more != name:
                    yield stump + more, 0.985


def _near(place: places.Place, name: str) -> Fragment:
    country = places.country_name(place.country) or place.country
    return near_point(f"{name}, {country}", place.latitude, place.longitude)


def _postcode(index: dict[str, ValuesOfProperty], name: str) -> Iterator[ValueCondition]:
    digits = name.replace(" ", "")
    if not digits[:1].isdigit() or len(digits) < 3:
        return
    known = index.get("location['zip']")
    codes = (
        [c for c in known.texts if fold(c).replace(" ", "").replace("-", "") == digits]
        if known
        else []
    )
    if codes:
        yield ValueCondition(about("location['zip']", texts(codes)), 0.97, ABOUT)
    elif len(digits) <= 6 and known and any(c.startswith(name) for c in known.texts):
        yield ValueCondition(about("location['zip']", text("starts-with", name)), 0.95, ABOUT)
