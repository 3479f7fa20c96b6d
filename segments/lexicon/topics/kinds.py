"""The kinds of conditions themselves: groups, distances, samples, shares, sequences."""

from __future__ import annotations

from segments.lexicon.entries import entry
from segments.lexicon.fragments import number
from segments.lexicon.labels import KINDS, PLACES

_NEAR = number("less-than", 50)


def _kind(name: str, text: str, weight: float = 1.0, **fields: object) -> None:
    entry(f"kind {name}", {"type": name, **fields}, text, group=KINDS, weight=weight)


_kind(
    "profile-metric",
    """
    en: what someone has done, has done, have done, did, done, action, actions, behavior,
      behaviour, behaviors, event, events, activity, activities, metric, metrics, has not done,
      have not done, not done, never done, something done, happened, doing, trigger, over all
      time, at least once, all time, how often, times
    sv: vad någon har gjort, har gjort, gjort, gjorde, handling, beteende, beteenden, händelse,
      händelser, aktivitet, aktiviteter, mätvärde, inte gjort, har inte gjort, aldrig gjort, hänt,
      mätvärden, hur ofta, gånger, minst en gång
    pl: co ktoś zrobił, zrobił, zrobili, zrobiła, działanie, działania, zachowanie, zachowania,
      zdarzenie, zdarzenia, aktywność, czynność, metryka, metryki, nie zrobił, nie zrobili,
      wykonał, wykonali, akcja, jak często, razy
    """,
)
_kind(
    "profile-property",
    """
    en: properties about someone, property, properties, attribute, attributes, custom property,
      custom properties, field, fields, profile property, profile properties, custom field, custom
      fields, trait, traits, characteristic, characteristics, data, data point, information, about
      someone, profile field, value, values, details
    sv: egenskaper om någon, egenskap, egenskaper, attribut, anpassad egenskap, fält, profilfält,
      egna fält, anpassade fält, profilegenskap, uppgift, uppgifter, kännetecken, data,
      information, anpassat fält, värde
    pl: właściwości, właściwość, cecha, cechy, atrybut, atrybuty, pole, pola, własne pole, pole
      własne, własna właściwość, pola profilu, dane, informacje, właściwości osoby, dane o osobie,
      pole niestandardowe, wartość
    """,
)
_kind(
    "profile-group-membership",
    """
    en: list, lists, segment, segments, in a list, in list, on a list, on list, member, members,
      membership, in a segment, in segment, group, groups, belongs, belongs to, is in a list, is
      in list, member of, list membership, is in segment, part of, not in list, not in a list,
      list or segment, audience, audiences, cohort
    sv: lista, listor, listan, segment, segmentet, i en lista, på en lista, på listan, i listan,
      medlem, medlemmar, medlemskap, medlem i, i ett segment, grupp, grupper, tillhör, är med i,
      finns i lista, lista eller segment, ingår i, målgrupp, i lista, på lista, i segment
    pl: lista, listy, liście, na liście, na listach, segment, segmenty, segmencie, w segmencie,
      członek, członkowie, członkostwo, grupa, grupy, grupie, należy, należy do, należą do, jest
      na liście, lista lub segment, przynależność, odbiorcy listy, członek listy
    """,
    is_member=True,
)
_kind(
    "profile-marketing-consent",
    """
    en: can or cannot receive marketing, marketing status, consent status, marketing consents,
      email status, subscription status, channel consent, legal basis
    sv: kan eller kan inte få marknadsföring, samtyckesstatus, prenumerationsstatus, status för
      samtycke, rättslig grund
    pl: może lub nie może otrzymywać marketingu, status zgody, status subskrypcji, podstawa
      prawna, stan zgody
    """,
    weight=0.97,
    consent={
        "channel": "email",
        "can_receive_marketing": True,
        "consent_status": {"subscription": "any"},
    },
)
_kind(
    "profile-location-distance",
    """
    en: how far someone lives from a place, near, nearby, distance, within, within km, radius,
      close to, around, proximity, km, kilometers, kilometres, miles, far from, distance from,
      near a place, near me, local, locals, lives near, live near, living near, geographic, map,
      geofence, vicinity, neighbourhood, neighborhood, near store, store nearby, near a city,
      close, closeby, surroundings, coordinates, location distance, geolocation, near to
    sv: hur långt någon bor från en plats, nära, närhet, närheten, i närheten, avstånd, avståndet,
      inom, radie, radien, km, kilometer, mil, omkring, runt, kring, långt från, avstånd från, bor
      nära, lokal, lokala, geografi, karta, närområde, grannskap, nära butik, nära en plats,
      omgivning, koordinater, nära mig, när
    pl: jak daleko ktoś mieszka, blisko, w pobliżu, pobliżu, niedaleko, odległość, odległości,
      dystans, promień, promieniu, w promieniu, km, kilometrów, kilometry, mile, okolica, okolice,
      okolicy, w okolicy, obok, koło, daleko od, mieszka blisko, mieszka w pobliżu, lokalni,
      geografia, mapa, sąsiedztwo, wokół, współrzędne, blisko sklepu, blisko mnie, niedaleko mnie,
      pobliże, w pobliżu miejsca
    """,
    unit="kilometers",
    filter=_NEAR,
)
_kind(
    "profile-postal-code-distance",
    """
    en: how far someone lives from a postcode, distance from postcode, near postcode, postcode
      distance, zip distance, near zip, near zip code, distance from zip code, zip radius, within
      postcode, postal code distance, near postal code, distance to postcode, postcode radius
    sv: hur långt någon bor från ett postnummer, avstånd från postnummer, nära postnummer, avstånd
      till postnummer, postnummeravstånd, postnummer radie, inom postnummer
    pl: jak daleko ktoś mieszka od kodu pocztowego, odległość od kodu pocztowego, blisko kodu
      pocztowego, w pobliżu kodu pocztowego, kod pocztowy odległość, promień od kodu pocztowego
    """,
    unit="kilometers",
    filter=_NEAR,
)
_kind(
    "profile-region",
    """
    en: lives in a region of the world, region of the world, continent, world region, economic
      area, group of countries, continents, part of the world, worldwide
    sv: bor i en region i världen, världsdel, region i världen, kontinent, ländergrupp, grupp av
      länder
    pl: mieszka w regionie świata, region świata, kontynent, część świata, grupa krajów
    """,
    in_region=True,
    region="european_union",
)
_kind(
    "profile-predictive-analytics",
    """
    en: predictive analytics about someone, prediction, predictions, predictive, predicted,
      analytics, model, forecasting, ai, machine learning, predictive analytics
    sv: prediktiv analys, prediktion, prediktioner, förutsägelse, förutsägelser, analys, modell,
      förutspått, ai, maskininlärning, prognoser
    pl: analityka predykcyjna, predykcja, predykcje, prognozy, przewidywania, przewidywanie,
      model, analityka, ai, uczenie maszynowe, przewidywane
    """,
    dimension="historic_clv",
)
_kind(
    "profile-sample",
    """
    en: a random part of everyone, random, sample, samples, random sample, randomly, sampling,
      split, control group, holdout, hold-out, ab test, a/b test, test group, percent of people,
      percentage, random people, subset, share of everyone, half, random split, a b test, test,
      tenth, percent, lottery, draw, randomized, randomised, random percentage, control, random
      half
    sv: en slumpmässig del av alla, slump, slumpmässig, slumpmässigt, slumpa, slumpvis, urval,
      stickprov, slumpurval, kontrollgrupp, a/b-test, ab-test, testgrupp, procent, andel, del av
      alla, hälften, dela upp, lottning, lotta, test, slumpad, kontroll, slumpmässigt urval
    pl: losowa część wszystkich, losowy, losowa, losowe, losowo, los, próba, próbka, próbki, próba
      losowa, grupa kontrolna, test a/b, test ab, grupa testowa, procent, odsetek, połowa,
      podział, losowanie, losowi, test, część wszystkich, losowa próba, losowa grupa, kontrolna
    """,
    percentage=10,
)
_kind(
    "profile-metric-funnel",
    """
    en: did one thing then another, funnel, funnels, sequence, then, sequences, first this then
      that, steps, step, journey, path, followed by, after that, in order, conversion funnel, next
      step, customer journey, and then, in sequence, dropped off, drop off, drop-off
    sv: tratt, trattar, sekvens, sekvenser, sedan, därefter, steg, kundresa, resa, först sedan,
      följt av, ordningsföljd, efter varandra, konverteringstratt, köpresa, ordning, i ordning
    pl: lejek, lejki, lejka, sekwencja, sekwencje, potem, następnie, a potem, kroki, krok,
      ścieżka, po kolei, ścieżka klienta, lejek konwersji, kolejność, podróż klienta, w kolejności
    """,
)
_kind(
    "profile-metric-ratio",
    """
    en: what share of one thing, ratio, ratios, share, proportion, rate, rates, fraction, every,
      each, every time, always, share of, percentage of events, how much of
    sv: vilken andel, kvot, andelar, förhållande, proportion, frekvensandel, varje, alltid, varje
      gång, grad, andel av händelser
    pl: jaka część, stosunek, proporcja, udział, wskaźnik, współczynnik, każdy, każde, każdy raz,
      zawsze, iloraz, wskaźniki
    """,
)

entry(
    "eu",
    {"type": "profile-region", "in_region": True, "region": "european_union"},
    """
    en: eu, european union, europe, european, europeans, the eu, within the eu, eu countries, eu
      customers, in the eu, lives in the eu, lives in europe
    sv: eu, europeiska unionen, europa, europé, europeisk, europeiska, inom eu, eu-länder, i eu,
      eu länder, bor i eu, europeer
    pl: ue, unia europejska, unii europejskiej, europa, europie, europejski, europejczycy, w unii,
      w ue, kraje ue, kraje unii, unia, europejska
    """,
    group=PLACES,
)
entry(
    "eea",
    {"type": "profile-region", "in_region": True, "region": "european_economic_area"},
    """
    en: eea, european economic area, ees
    sv: ees, europeiska ekonomiska samarbetsområdet, ees-området
    pl: eog, europejski obszar gospodarczy
    """,
    group=PLACES,
)
entry(
    "not-eu",
    {"type": "profile-region", "in_region": False, "region": "european_union"},
    """
    en: outside the eu, non-eu, non eu, not in the eu, outside europe, outside eu, overseas, not
      in europe
    sv: utanför eu, icke-eu, inte i eu, utanför europa, ej eu
    pl: poza ue, poza unią, spoza ue, poza unią europejską, poza europą, spoza unii, nie w ue
    """,
    group=PLACES,
)
