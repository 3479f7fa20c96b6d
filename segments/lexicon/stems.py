"""The stem of a word: what stays when its endings are taken away. Light rules for each language.

A stem is no word; two forms of one word only have to end in the same one.
"""

from __future__ import annotations

from functools import lru_cache

LANGUAGES = ("en", "sv", "pl")

_ENDINGS: dict[str, tuple[str, ...]] = {
    "en": (
        *("nesses", "ments", "ations", "ation", "ments", "ment", "iness", "ingly"),
        *("ings", "ing", "ers", "ies", "ied", "est", "ed", "es", "er", "ly", "e", "s", "y"),
    ),
    "sv": (
        *("ningarna", "ningar", "ningen", "ning", "anden", "ande", "ende", "arnas", "ernas"),
        *("ornas", "arna", "erna", "orna", "aste", "ades", "ade", "ats", "at", "are", "ens"),
        *("heten", "het", "ts", "te", "de", "tt", "dd", "er", "ar", "or", "en", "et", "as"),
        *("an", "na", "es", "t", "s", "a", "e", "n", "d", "r"),
    ),
    "pl": (
        *("owalismy", "owalam", "owalem", "owania", "owanie", "owaniem", "owac", "owali"),
        *("owaly", "owala", "owal", "ywali", "ywaly", "ywala", "ywal", "ujacy", "ujaca", "uja"),
        *("uje", "owany", "owana", "owane", "owani", "owanych", "onych", "anych", "alem", "alam"),
        *("ilem", "ilam", "iacy", "acych", "acymi", "acy", "aca", "ace", "ili", "ily", "ila", "il"),
        *("eli", "ely", "ela", "al", "ali", "aly", "ala", "yli", "yly", "yla", "yl", "el"),
        *("ony", "ona", "one", "eni", "ony", "any", "ana", "ane", "ani", "ety", "eta", "ete"),
        *("owie", "owi", "iami", "ami", "iach", "ach", "iow", "ow", "iom", "om", "iem", "em"),
        *("iego", "ego", "iej", "ej", "imi", "ymi", "ich", "ych", "emu", "ym", "im"),
        *("ic", "yc", "ac", "ec", "iu", "ie", "ia", "ii", "ja", "ji", "je", "io"),
        *("c", "a", "e", "i", "o", "u", "y"),
    ),
}
_ENDINGS = {
    language: tuple(sorted(set(endings), key=len, reverse=True))
    for language, endings in _ENDINGS.items()
}
_LEAST = {"en": 3, "sv": 3, "pl": 3}
"""Letters that a stem has at least."""


@lru_cache(20_000)
def stem(word: str, language: str) -> str:
    """The stem of a folded word."""
    for ending in _ENDINGS[language]:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST[language]:
            word = word.removesuffix(ending)
            break
    is_double = len(word) > 3 and word[-1] == word[-2]
    return word[:-1] if is_double else word
