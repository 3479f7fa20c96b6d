"""Which conditions words stand for in an account: the lexicon and the account's names and values.

A phrase of the lexicon counts as a whole, whatever the endings of its words; a name of the account
also with a typing error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any as Json

from segmenter.kernel.registry import import_all
from segments.definition.paths import parse_path, write_path
from segments.lexicon.entries import Entry, entries, names, values
from segments.lexicon.letters import nearest, tokens
from segments.lexicon.query import Query
from segments.lexicon.shop import ShopNames
from segments.lexicon.stems import LANGUAGES, stem
from segments.lexicon.value_index import ValuesOfProperty, value_index
from segments.lexicon.verbs import metrics_meant
from segments.sentences.reader import as_condition

MOST_PLACES = 20
"""Places that are looked for in a text."""
MOST_WORDS = 6
"""Words of the longest phrase that is looked for."""
TESTED = ("profile-property", "profile-predictive-analytics")
"""Kinds that are a name and a test."""
_SAME, _LIKE = 0.98, 0.97
"""What a phrase of the lexicon is worth: with the same words, and with other endings."""
_SURE = 0.9
"""The score from which a place counts."""
_MOST_CORRECTED = 60
"""Different words of one text for which typing errors are looked for."""


@dataclass(frozen=True)
class Meaning:
    """What some words may stand for."""

    fragment: dict[str, Json]
    score: float
    is_name: bool = False
    """Whether the words are a name or a value of the account, or a place."""
    metrics: tuple[str, ...] = ()
    """Of a verb: the metrics in whose events a value is looked for."""


class Phrases:
    """The phrases of an account."""

    def __init__(self, shop: ShopNames) -> None:
        import_all("segments.lexicon.topics")
        self._shop = shop
        self._standard = _standard_table()
        own = [entry for _name, source in names.items() for entry in source(shop)]
        self._names = _table(own)
        self._places: dict[tuple[str, ...], list[Meaning]] = {}
        self._near: dict[str, list[tuple[str, int]]] = {}
        self._words_of_names = {w for words in self._names if not words[0] for w in words[1:]}

    @cached_property
    def _values(self) -> list[ValuesOfProperty]:
        """The values of the account, read once for a text."""
        return value_index(self._shop.catalog)

    def at(self, words: Sequence[str], language: str) -> list[Meaning]:
        """The meanings of exactly these words, the best first."""
        meanings: list[Meaning] = []
        key = ("", *words)
        for name_entry in self._names.get(key, ()):
            meanings += self._meanings_of(name_entry, name_entry.weight, is_name=True)
        stems = (language, *(stem(word, language) for word in words))
        for name_entry in self._names.get(stems, ()):
            meanings += self._meanings_of(name_entry, _SAME * name_entry.weight, is_name=False)
        like = [
            (entry, any(phrase.words == tuple(words) for phrase in entry.phrases))
            for entry in self._standard.get(stems, ())
        ]
        if like and not meanings and not any(is_same for _entry, is_same in like):
            meanings += self.correct(words)
        for entry, is_same in like:
            score = (_SAME if is_same else _LIKE) * entry.weight
            meanings += self._meanings_of(entry, score, is_name=False, words=words)
        return sorted(meanings, key=lambda meaning: -meaning.score)

    def correct(self, words: Sequence[str]) -> list[Meaning]:
        """The meaning of words that are a name of the account but for typing errors."""
        corrected = []
        for word in words:
            if word in self._words_of_names:
                corrected.append(word)
                continue
            near = self._nearest(word)
            least = min((errors for _other, errors in near), default=0)
            best = [other for other, errors in near if errors == least]
            if len(best) != 1:
                return []
            corrected.append(best[0])
        return [
            meaning
            for entry in self._names.get(("", *corrected), ())
            for meaning in self._meanings_of(entry, entry.weight, is_name=True)
        ]

    def _nearest(self, word: str) -> list[tuple[str, int]]:
        """The words of names that are nearest; nothing after many different words of a text."""
        if word not in self._near:
            if len(self._near) >= _MOST_CORRECTED:
                return []
            self._near[word] = list(nearest(word, self._words_of_names))
        return self._near[word]

    def _meanings_of(
        self, entry: Entry, score: float, *, is_name: bool, words: Sequence[str] = ()
    ) -> Iterator[Meaning]:
        if entry.lacks or entry.name.startswith("event property"):
            return
        if any(self._shop.metric(name) is None for name in entry.metrics):
            return
        fragment = entry.make(self._shop)
        if fragment is None:
            return
        is_bare_property = fragment["type"] in TESTED and "filter" not in fragment
        if is_bare_property or as_condition(fragment) is not None:
            metrics = [
                key
                for length, keys in metrics_meant(self._shop, (*words, ""))
                if length == len(words)
                for key in keys
            ]
            yield Meaning(deepcopy(fragment), score, is_name, tuple(metrics))

    def place(self, text: str, words: Sequence[str]) -> list[Meaning]:
        """The country, region or town that these words name, as a test of a property."""
        key = tuple(words)
        if key not in self._places:
            self._places[key] = self._find_place(text, key)
        return self._places[key]

    def _find_place(self, text: str, words: tuple[str, ...]) -> list[Meaning]:
        if len(self._places) >= MOST_PLACES:
            return []
        words = tuple(_PLACES_AFTER_IN.get(word, word) for word in words)
        query = Query(text, words, words)
        best: dict[str, Meaning] = {}
        for value in values["places"](self._shop, query):
            if value.score < _SURE:
                continue
            path = str(value.fragment.get("property", value.fragment["type"]))
            if path not in best or best[path].score < value.score:
                best[path] = Meaning(dict(value.fragment), value.score, True)
        return sorted(best.values(), key=lambda meaning: -meaning.score)

    def values(self, words: Sequence[str], metric: str = "") -> list[tuple[str, Json]]:
        """(property, test) of the properties that have a value of these words.

        Of a metric's events (then also values that contain the words), else of people.
        """
        typed = " ".join(words)
        tests = []
        for each in self._values:
            if each.metric != metric:
                continue
            test = _test(each, typed)
            if test is not None:
                tests.append((_property(each), test))
        whole = [pair for pair in tests if pair[1]["operator"] in {"equals", "contains"}]
        return whole or tests

    def value_of(self, path: str, text: str, words: Sequence[str]) -> Json:
        """The test that a property is these words, as it is written; None if no value is."""
        for each in self._values:
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


_PLACES_AFTER_IN = {
    "polsce": "polska",
    "niemczech": "niemcy",
    "wloszech": "wlochy",
    "czechach": "czechy",
    "wegrzech": "wegry",
    "warszawie": "warszawa",
}
"""Polish places whose locative has another stem."""

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
