"""Countries by their names: where somebody lives, and where a phone number belongs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from string import ascii_uppercase

from profiles import places
from segments.builder.suggestions import Suggestion, best, put, sources
from segments.engine.vocabulary import Catalog


@sources.register("country")
def _country(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterable[Suggestion]:
    code = places.alpha3(places.country_code(words)) if words else None
    matches = [
        Suggestion(name, put(about, alpha3), alpha3) for name, _alpha2, alpha3 in _all_countries()
    ]
    exact = [each for each in matches if code and each.note == code]
    return [*exact, *(each for each in best(matches, words) if each not in exact)]


@sources.register("calling-country")
def _calling_country(
    catalog: Catalog, about: Mapping[str, str], words: str
) -> Iterable[Suggestion]:
    codes = (Suggestion(name, json.dumps(two), two) for name, two, _alpha3 in _all_countries())
    return best(codes, words)


@cache
def _all_countries() -> list[tuple[str, str, str]]:
    """(name, alpha-2 code, alpha-3 code) by name."""
    codes = [first + second for first in ascii_uppercase for second in ascii_uppercase]
    countries = [(places.country_name(code), code, places.alpha3(code)) for code in codes]
    return sorted((name, two, three) for name, two, three in countries if name and three)
