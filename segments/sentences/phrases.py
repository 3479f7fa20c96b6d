"""Which conditions words stand for in an account: the lexicon and the account's names and values.

A phrase of the lexicon counts as a whole, whatever the endings of its words; a name of the account
also with a typing error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any as Json

from segmenter.kernel.registry import import_all
from segments.definition.paths import parse_path, write_path
from segments.lexicon.entries import Entry, entries, names, values
from segments.lexicon.letters import nearest, tokens
from segments.lexicon.query import Query
from segments.lexicon.shop import Shop
from segments.lexicon.stems import LANGUAGES, stem
from segments.lexicon.value_index import ValuesOfProperty, value_index

MOST_WORDS = 6
"""Words of the longest phrase that is looked for."""
_SURE = 0.9
"""The score from which a place counts."""


@dataclass(frozen=True)
class Meaning:
    """What some words may stand for."""

    fragment: dict[str, Json]
    score: float
    is_name: bool = False
    """Whether the words are a name or a value of the account, or a place."""


class Phrases:
    """The phrases of an account."""

    def __init__(self, shop: Shop) -> None:
        import_all("segments.lexicon.topics")
        self._shop = shop
        self._standard = _standard_table()
        own = [entry for _name, source in names.items() for entry in source(shop)]
        self._names = _table(own)
        self._words_of_names = {word for words in self._names for word in words[1:]}

    def at(self, words: Sequence[str], language: str) -> list[Meaning]:
        """The meanings of exactly these words, the best first."""
        meanings: list[Meaning] = []
        key = ("", *words)
        for name_entry in self._names.get(key, ()):
            meanings += self._made(name_entry, name_entry.weight, is_name=True)
        stems = (language, *(stem(word, language) for word in words))
        for entry in self._standard.get(stems, ()):
            meanings += self._made(entry, 0.98 * entry.weight, is_name=False)
        return sorted(meanings, key=lambda meaning: -meaning.score)

    def misspelt(self, words: Sequence[str]) -> list[Meaning]:
        """The meaning of words that are a name of the account but for typing errors."""
        corrected = []
        for word in words:
            if word in self._words_of_names:
                corrected.append(word)
                continue
            near = nearest(word, self._words_of_names)
            least = min((errors for _other, errors in near), default=0)
            best = [other for other, errors in near if errors == least]
            if len(best) != 1:
                return []
            corrected.append(best[0])
        return [
            meaning
            for entry in self._names.get(("", *corrected), ())
            for meaning in self._made(entry, entry.weight, is_name=True)
        ]

    def _made(self, entry: Entry, score: float, *, is_name: bool) -> Iterator[Meaning]:
        if entry.lacks or any(self._shop.metric(name) is None for name in entry.metrics):
            return
        fragment = entry.make(self._shop)
        if fragment is not None and len(fragment) > 1:
            yield Meaning(dict(fragment), score, is_name)

    def place(self, text: str, words: Sequence[str]) -> list[Meaning]:
        """The country, region or town that these words name, as a test of a property."""
        query = Query(text, tuple(words), tuple(words))
        best: dict[str, Meaning] = {}
        for value in values["places"](self._shop, query):
            if value.score < _SURE:
                continue
            path = value.fragment.get("property", value.fragment["type"])
            if path not in best or best[path].score < value.score:
                best[path] = Meaning(dict(value.fragment), value.score, True)
        return sorted(best.values(), key=lambda meaning: -meaning.score)

    def values(self, words: Sequence[str], metric: str = "") -> list[tuple[str, Json]]:
        """(property, test) of the properties that have a value of these words.

        Of a metric's events (then also values that contain the words), else of people.
        """
        typed = " ".join(words)
        tests = []
        for each in value_index(self._shop.catalog):
            if each.metric != metric:
                continue
            test = _test(each, typed)
            if test is not None:
                tests.append((_property(each), test))
        whole = [pair for pair in tests if pair[1]["operator"] in {"equals", "contains"}]
        return whole or tests

    def value_of(self, path: str, text: str, words: Sequence[str]) -> Json:
        """The test that a property is these words, as its values are written; None if it has none."""
        for each in value_index(self._shop.catalog):
            if not each.metric and _property(each) == path:
                test = _test(each, " ".join(words))
                if test is not None and test["operator"] != "contains-substring":
                    return test
        return None


def _property(each: ValuesOfProperty) -> str:
    if each.metric:
        return each.name
    return each.name if each.is_field else write_path(each.name)


def _test(each: ValuesOfProperty, typed: str) -> Json:
    same = each.equals(typed)
    if same and each.is_list:
        return {"type": "list", "operator": "contains", "value": same[0]}
    if len(same) == 1:
        return {"type": "string", "operator": "equals", "value": same[0]}
    if same:
        return {"type": "string", "operator": "in", "value": sorted(same)}
    if each.metric and len(typed) > 2:
        match = each.find(typed)
        if match is not None and match.how == "word":
            operator = "contains-substring" if each.is_list else "contains"
            kind = "list" if each.is_list else "string"
            return {"type": kind, "operator": operator, "value": match.value}
    return None


Table = dict[tuple[str, ...], list[Entry]]
"""(language, stems of the words) to entries; names have no language and no stems."""


@cache
def _standard_table() -> Table:
    import_all("segments.lexicon.topics")
    return _table([entries[name] for name in entries])


def _table(some: Sequence[Entry]) -> Table:
    table: Table = defaultdict(list)
    for entry in some:
        for phrase in entry.phrases:
            if phrase.language:
                key = (phrase.language, *(stem(w, phrase.language) for w in phrase.words))
            else:
                key = ("", *phrase.words)
            if entry not in table[key]:
                table[key].append(entry)
    return dict(table)


def is_custom(path: str) -> bool:
    """Whether a path names a property that the account defined."""
    parsed = parse_path(path)
    return parsed is not None and parsed.custom


__all__ = ["LANGUAGES", "MOST_WORDS", "Meaning", "Phrases", "tokens"]
