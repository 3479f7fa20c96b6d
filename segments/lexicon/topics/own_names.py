"""Names of the account: its metrics, properties, lists and segments, also in other languages.

A custom property is found by the words of its ring in all languages: "Kön" by "gender".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from django.utils.translation import gettext

from segments.definition.paths import parse_path, write_path
from segments.definition.tree import kinds
from segments.engine.vocabulary import Types
from segments.lexicon.entries import Entry, LexiconPhrase, name_phrases, names, phrases_of
from segments.lexicon.fragments import (
    IS_SET,
    Fragment,
    Make,
    about,
    birthday_soon,
    events,
    member,
)
from segments.lexicon.labels import ABOUT, DONE, GROUPS, KINDS
from segments.lexicon.letters import tokens
from segments.lexicon.shop import ShopNames
from segments.lexicon.stems import LANGUAGES, stem

_RINGS: dict[str, str] = {
    "Birthday": """
        en: birthday, birthdays, birth date, birthdate, date of birth, born, dob, bday, birth,
          birthday soon, anniversary, upcoming birthday, birthday this month
        sv: födelsedag, födelsedagar, födelsedatum, född, fyller år, födda, födelse, jubileum
        pl: urodziny, urodzin, data urodzenia, urodzony, urodzeni, urodzinowy, rocznica, dzień
          urodzin
    """,
    "Age group": """
        en: age group, age, ages, age range, how old, years old, older, younger, old, young,
          generation, age bracket, adults, seniors, elderly, teenagers, youth, demographics
        sv: åldersgrupp, ålder, åldrar, gammal, gamla, äldre, yngre, unga, ung, hur gammal,
          generation, åldersintervall, pensionärer, vuxna, ungdomar, demografi
        pl: grupa wiekowa, wiek, wieku, lata, ile lat, starsi, młodsi, młodzi, pokolenie,
          przedział wiekowy, seniorzy, dorośli, młodzież, demografia
    """,
    "Gender": """
        en: gender, sex
        sv: kön
        pl: płeć, płci
    """,
    "Favourite colour": """
        en: favourite colour, favorite color, favourite color, favorite colour, colour, color,
          colours, colors, preferred colour, likes colour, favourite, favorite
        sv: favoritfärg, färg, färger, älsklingsfärg, favorit, favoritfärgen
        pl: ulubiony kolor, kolor, kolory, koloru, barwa, ulubiony, ulubione
    """,
    "Interests": """
        en: interests, interest, interested, hobby, hobbies, likes, preferences, preference,
          passion, passions, topics, activities they like
        sv: intressen, intresse, intresserad, hobby, hobbyer, gillar, preferenser,
          fritidsintressen, fritid
        pl: zainteresowania, zainteresowanie, zainteresowań, hobby, lubi, preferencje, pasje,
          pasja
    """,
    "Tags": """
        en: tags, tag, tagged, label, labels, labelled, marked with
        sv: taggar, tagg, taggad, taggade, etikett, etiketter, märkt
        pl: tagi, tag, otagowany, etykieta, etykiety, znacznik, znaczniki, oznaczony
    """,
    "VIP": """
        en: vip, vips, vip customer, vip customers, vip status, vip member, vip members, very
          important
        sv: vip, vip-kund, vip-kunder, vipkunder, vip kund, vip kunder, vip-status, vip-medlem
        pl: vip, klient vip, klienci vip, status vip, vipy, vip-y, członek vip
    """,
    "Loyalty points": """
        en: loyalty points, points, point, bonus points, reward points, rewards, loyalty program,
          loyalty programme, bonus, reward, loyalty card, loyalty balance, credits
        sv: lojalitetspoäng, poäng, bonuspoäng, bonus, poängsaldo, lojalitetsprogram, kundklubb,
          belöning
        pl: punkty lojalnościowe, punkty, punktów, bonus, punkty bonusowe, program lojalnościowy,
          nagrody, nagroda, karta lojalnościowa
    """,
    "Shoe size": """
        en: shoe size, shoesize, foot size, size, sizes, clothing size, size of shoes
        sv: skostorlek, storlek, storlekar, klädstorlek, fotstorlek
        pl: rozmiar buta, rozmiar butów, rozmiar, rozmiary, rozmiar obuwia, numer buta
    """,
    "Quiz answer": """
        en: quiz answer, quiz result, answered quiz, quiz response, survey answer, answer,
          answers, quiz answers
        sv: quizsvar, svar på quiz, svar, enkätsvar, svarat på quiz, quiz svar
        pl: odpowiedź w quizie, odpowiedź, odpowiedzi, wynik quizu, odpowiedź na quiz
    """,
    "Customer type": """
        en: customer type, type of customer, client type, private or company, private customers,
          private person, consumer, consumers, b2c, customer category, kind of customer
        sv: kundtyp, typ av kund, privatkund, privatkunder, konsument, konsumenter, privatperson,
          b2c, kundkategori, slags kund
        pl: typ klienta, rodzaj klienta, klient prywatny, klienci prywatni, konsument, konsumenci,
          osoba prywatna, b2c, kategoria klienta, klienci indywidualni
    """,
    "Organisation type": """
        en: organisation type, organization type, type of organisation, company type, kind of
          company
        sv: organisationstyp, typ av organisation, företagstyp, typ av företag
        pl: typ organizacji, rodzaj organizacji, typ firmy, rodzaj firmy
    """,
    "Industry": """
        en: industry, industries, sector, branch, line of business, vertical
        sv: bransch, branscher, industri, sektor, näringsgren
        pl: branża, branże, branży, sektor, przemysł
    """,
    "Role": """
        en: role, roles, decision maker, function, buying role
        sv: roll, roller, beslutsfattare, funktion
        pl: rola, role, decydent, decydenci, funkcja
    """,
    "Title": """
        en: job title
        sv: jobbtitel
        pl: stanowisko
    """,
    "Municipality": """
        en: municipality, municipalities, local authority
        sv: kommun, kommuner, kommunen, hemkommun
        pl: gmina, gminy, gminie
    """,
    "Last store visit": """
        en: last store visit, store visit, store visits, visited store, visited shop, in store,
          shop visit, physical store, visited a store, in-store, brick and mortar, retail visit,
          offline
        sv: senaste butiksbesök, butiksbesök, besökt butik, besökt butiken, i butik, fysisk butik,
          butik, besök i butik, butiken
        pl: ostatnia wizyta w sklepie, wizyta w sklepie, odwiedził sklep, w sklepie, sklep
          stacjonarny, sklep, odwiedziny w sklepie, wizyty w sklepie
    """,
    "Initial UTM Source": """
        en: initial utm source, utm source, utm, source, sources, traffic source, acquisition
          source, came from, acquisition, origin, referrer, referral, first source, lead source,
          channel of acquisition, google, facebook, instagram, how they found us, attribution,
          first touch
        sv: utm-källa, utm källa, utm, källa, källor, trafikkälla, kom från, ursprung, förvärv,
          hänvisning, anskaffning, första källa, kommit från
        pl: źródło utm, utm, źródło, źródła, źródło ruchu, pochodzenie, skąd przyszedł,
          pozyskanie, pierwsze źródło, polecenie, źródło pozyskania
    """,
    "Initial UTM Medium": """
        en: initial utm medium, utm medium, medium, cpc, organic, paid traffic, paid social
        sv: utm-medium, utm medium, medium, organisk, betald trafik, organiskt
        pl: medium utm, utm medium, medium, ruch organiczny, płatny ruch
    """,
    "Initial UTM Campaign": """
        en: initial utm campaign, utm campaign, campaign utm, ad campaign, ads, ad, advertising
        sv: utm-kampanj, utm kampanj, annonskampanj, annons, annonser, reklam
        pl: kampania utm, utm kampania, kampania reklamowa, reklama, reklamy
    """,
    "Language": """
        en: language, preferred language
        sv: språk
        pl: język
    """,
    "Marital status": """
        en: marital status, married, single, relationship
        sv: civilstånd, gift, singel
        pl: stan cywilny, żonaty, zamężna
    """,
    "Children": """
        en: children, kids, has children, family, parents, family size
        sv: barn, har barn, familj, föräldrar
        pl: dzieci, ma dzieci, rodzina, rodzice
    """,
    "Pet": """
        en: pet, pets, dog, cat
        sv: husdjur, hund, katt
        pl: zwierzę, zwierzęta, pies, kot
    """,
}
"""The usual name of a property to its words."""
_FOR_AGE = "Birthday"
_EXACT = 1.003
"""A name of the account comes before the same words of the lexicon,"""
_MEANT = 1.001
"""as do properties of which it is the usual name, or that in another language,"""
_SEGMENT_OF_WORDS, _SEGMENT_OF_A_WORD = 0.975, 0.965
"""but a segment after them: "bought" is what people did, and not a segment of that name."""


@names.register("metrics")
def _metrics(shop: ShopNames) -> Iterator[Entry]:
    for key, name in shop.catalog.metrics.items():
        yield Entry(
            f"metric {key}", _constant(events(key)), name_phrases(name), DONE, weight=_EXACT
        )
        for property_name in shop.catalog.event_properties(key):
            if property_name.startswith("$"):
                continue
            where = [{"property": property_name, "filter": IS_SET}]
            weight = 0.9 if key in shop.standard_names else 0.88
            phrases = name_phrases(property_name) + name_phrases(f"{name} {property_name}")
            yield Entry(
                f"event property {key} {property_name}",
                _constant(events(key, where=where)),
                phrases,
                DONE,
                weight=weight,
            )


@names.register("properties")
def _properties(shop: ShopNames) -> Iterator[Entry]:
    present: set[str] = set()
    for path, types in shop.catalog.profile_properties.items():
        parsed = parse_path(path)
        own = parsed is not None and parsed.custom
        name = parsed.name if parsed is not None else path
        ring = _ring_of(name) if own else None
        if ring is not None:
            present.add(ring)
        label = shop.catalog.label("profile", path)
        phrases = name_phrases(name if own else label, 1.0)
        if ring is not None:
            phrases += tuple(
                LexiconPhrase(p.text, p.words, p.language, _MEANT) for p in _ring_phrases()[ring]
            )
        weight = _EXACT if own else 1.0
        make = _constant(_with_test(path, types, ring))
        yield Entry(f"property {path}", make, phrases, ABOUT, weight=weight)
    if _FOR_AGE in present and "Age group" not in present:
        path = next(p for p in shop.catalog.profile_properties if _is_ring(p, _FOR_AGE))
        phrases = _ring_phrases()["Age group"]
        yield Entry("age by birthday", _constant(about(path, birthday_soon())), phrases, ABOUT)
    for ring in _RINGS.keys() - present - _ELSEWHERE:
        yield Entry(
            f"ring {ring}",
            _constant(about(write_path(ring))),
            tuple(_ring_phrases()[ring]),
            ABOUT,
            weight=0.9,
            lacks=gettext("nobody has it yet"),
        )


_ELSEWHERE = frozenset({"VIP", "Gender", "Language", "Title", "Municipality", "Interests"})
"""Rings whose words mean something else, too, where nobody has such a property."""


@names.register("groups")
def _groups(shop: ShopNames) -> Iterator[Entry]:
    lists, segments = shop.catalog.lists, shop.catalog.segments
    for key, name in [*lists.items(), *((key, each.name) for key, each in segments.items())]:
        is_long = len(tokens(name)) > 1
        weight = _EXACT if key in lists else _SEGMENT_OF_WORDS if is_long else _SEGMENT_OF_A_WORD
        make = _constant(member([key]))
        yield Entry(f"group {key}", make, name_phrases(name), GROUPS, weight=weight)


@names.register("titles")
def _titles(shop: ShopNames) -> Iterator[Entry]:
    """The titles of all kinds, so that a kind is found before it has words of its own."""
    for name, cls in kinds.items():
        if not cls.unsupported:
            phrases = name_phrases(gettext(cls.title))
            yield Entry(f"title {name}", _constant({"type": name}), phrases, KINDS, weight=0.93)


def _constant(fragment: Fragment) -> Make:
    return lambda shop: fragment


def _with_test(path: str, types: Types, ring: str | None) -> Fragment:
    if ring == _FOR_AGE and (types & {"date", "instant"} or not types):
        return about(path, birthday_soon())
    if types == {"boolean"}:
        return about(path, {"type": "boolean", "operator": "equals", "value": True})
    if "date" in types and "text" not in types:
        return about(path, {"type": "date", "operator": "in-the-last", "quantity": 30,
                            "unit": "day"})  # fmt: skip
    return about(path)


@cache
def _ring_phrases() -> dict[str, tuple[LexiconPhrase, ...]]:
    return {
        ring: (LexiconPhrase(ring, tokens(ring), "en"), *phrases_of(words))
        for ring, words in _RINGS.items()
    }


@cache
def _rings_by_stems() -> dict[tuple[str, ...], str]:
    rings: dict[tuple[str, ...], str] = {}
    for ring, phrases in _ring_phrases().items():
        for phrase in phrases:
            rings.setdefault(_stems(phrase.words, phrase.language), ring)
    for ring in _RINGS:
        rings[_stems(tokens(ring), "en")] = ring
    return rings


def _stems(words: tuple[str, ...], language: str) -> tuple[str, ...]:
    return (language, *sorted(stem(word, language) for word in words))


@cache
def _ring_of(name: str) -> str | None:
    """The ring that the name of a property belongs to."""
    words = tokens(name.replace("_", " "))
    for language in LANGUAGES:
        ring = _rings_by_stems().get(_stems(words, language))
        if ring is not None:
            return ring
    return None


def _is_ring(path: str, ring: str) -> bool:
    parsed = parse_path(path)
    return parsed is not None and parsed.custom and _ring_of(parsed.name) == ring
