"""An index of phrases, and how well each fits some words.

A word fits another one as it is, by its stem, as its beginning, with a typing error, or inside it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from segments.lexicon.entries import Entry, LexiconPhrase
from segments.lexicon.letters import errors_allowed, nearest
from segments.lexicon.query import FILLERS
from segments.lexicon.stems import LANGUAGES, stem

_STEM, _BEGINNING, _ERROR, _INSIDE = 0.95, 0.7, 0.8, 0.5
_FILLER = 0.12
"""Weight of a filler, relative to other words."""
_COVER = 0.55
"""The part of the score that does not depend on how much of the phrase was typed."""
_COVER_OF_NAMES = 0.8
"""The same of names of the account, of which people remember a part."""
_BEGINS = 0.08
"""What is added to a name that begins with what was typed."""
_FOR_A_FILLER = 0.004
"""What a filler costs that is not in the phrase."""
_OTHER_LANGUAGE = 0.985


@dataclass(frozen=True)
class Fit:
    """How well a phrase of an entry fits."""

    score: float
    """0 to 1."""
    entry: Entry
    phrase: LexiconPhrase
    is_whole: bool
    """Whether every word that was typed fits something in the phrase."""
    is_exact: bool
    """Whether the words are those of the phrase, but for their endings."""


@dataclass(frozen=True)
class _Place:
    entry: Entry
    phrase: LexiconPhrase
    weight: float
    """The sum of the weights of the phrase's words."""


class Index:
    """Phrases by their words."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._places: list[_Place] = []
        self._words: dict[str, list[tuple[int, int]]] = {}
        """Word to (place, position in the phrase)."""
        self._joined: dict[str, list[int]] = {}
        stems: dict[tuple[str, str], set[str]] = {}
        for entry in entries:
            for phrase in entry.phrases:
                number = len(self._places)
                weights = _weights(phrase.words)
                self._places.append(_Place(entry, phrase, sum(weights)))
                self._joined.setdefault("".join(phrase.words), []).append(number)
                for position, word in enumerate(phrase.words):
                    self._words.setdefault(word, []).append((number, position))
                    for language in [phrase.language] if phrase.language else LANGUAGES:
                        stems.setdefault((language, stem(word, language)), set()).add(word)
        self._stems = stems
        self._sorted = sorted(self._words)
        self._by_length: dict[int, list[str]] = {}
        for word in self._sorted:
            self._by_length.setdefault(len(word), []).append(word)

    def fits(self, words: Sequence[str], language: str) -> list[Fit]:
        """The best fit of each entry, the best first."""
        if not words:
            return []
        weights = _weights(words)
        hits: dict[int, list[tuple[float, int, int]]] = {}
        """Place to (quality, position of the typed word, position in the phrase)."""
        for position, word in enumerate(words):
            is_last = position == len(words) - 1
            for other, quality in self._alike(word, is_last=is_last).items():
                for place, where in self._words[other]:
                    hits.setdefault(place, []).append((quality, position, where))
        best: dict[str, Fit] = {}
        for number in self._joined.get("".join(words), ()):
            self._keep(best, Fit(0.99, *_pair(self._places[number]), True, True), language)
        for number, pairs in hits.items():
            self._keep(best, self._fit(number, pairs, words, weights), language)
        return sorted(best.values(), key=lambda fit: -fit.score)

    def _keep(self, best: dict[str, Fit], fit: Fit, language: str) -> None:
        score = fit.score * fit.entry.weight * fit.phrase.weight
        if fit.phrase.language not in ("", language):
            score *= _OTHER_LANGUAGE
        known = best.get(fit.entry.name)
        if known is None or score > known.score:
            best[fit.entry.name] = Fit(score, fit.entry, fit.phrase, fit.is_whole, fit.is_exact)

    def _fit(
        self,
        number: int,
        pairs: list[tuple[float, int, int]],
        words: Sequence[str],
        weights: Sequence[float],
    ) -> Fit:
        place = self._places[number]
        phrase_weights = _weights(place.phrase.words)
        sources: set[int] = set()
        targets: set[int] = set()
        quality = covered = typed = 0.0
        is_exact = True
        for worth, source, target in sorted(pairs, reverse=True):
            if source in sources or target in targets:
                continue
            sources.add(source)
            targets.add(target)
            quality += worth * weights[source]
            typed += weights[source]
            covered += phrase_weights[target]
            is_exact = is_exact and worth >= _STEM
        total = sum(weights)
        is_whole = typed >= total - 1e-9 or all(
            word in FILLERS for i, word in enumerate(words) if i not in sources
        )
        cover = covered / place.weight
        least = _COVER if place.phrase.language else _COVER_OF_NAMES
        unused = sum(1 for i in range(len(words)) if i not in sources)
        worth = quality / typed - _FOR_A_FILLER * unused if is_whole else quality / total
        score = worth * (least + (1 - least) * cover)
        if cover < 0.999 and not place.phrase.language and _begins(place.phrase.words, words):
            score += _BEGINS
        if not is_whole:
            score *= (typed / total) ** 2
        if is_whole and cover > 0.999 and tuple(words) != place.phrase.words:
            score -= 0.005
        return Fit(score, place.entry, place.phrase, is_whole, is_exact and cover > 0.85)

    def _alike(self, word: str, *, is_last: bool) -> dict[str, float]:
        """The words of the index that a typed word may mean, with how well they fit."""
        alike: dict[str, float] = {}
        for language in LANGUAGES:
            for other in self._stems.get((language, stem(word, language)), ()):
                alike[other] = _STEM
        if word in self._words:
            alike[word] = 1.0
        is_known = bool(alike)
        if is_last or len(word) > 2:
            start = bisect_left(self._sorted, word)
            for other in self._sorted[start : start + 400]:
                if not other.startswith(word):
                    break
                part = len(word) / len(other)
                alike.setdefault(other, _BEGINNING + 0.2 * part)
        if not is_known:
            self._add_errors(word, alike)
        if len(word) >= 4 and len(alike) < 5:
            for other in self._sorted:
                if len(other) > len(word) and word in other:
                    alike.setdefault(other, _INSIDE * (0.5 + 0.5 * len(word) / len(other)))
                elif 6 <= len(other) < len(word) and other in word:
                    alike.setdefault(other, _INSIDE * (0.5 + 0.5 * len(other) / len(word)))
        return alike

    def _add_errors(self, word: str, alike: dict[str, float]) -> None:
        most = errors_allowed(word)
        if not most:
            return
        near: list[str] = []
        for length in range(len(word) - most, len(word) + most + 1):
            near += self._by_length.get(length, ())
        candidates = [each for each in near if _may_be(word, each)]
        for other, errors in nearest(word, candidates):
            alike[other] = max(alike.get(other, 0), _ERROR - 0.08 * (errors - 1))


def _may_be(word: str, other: str) -> bool:
    """A quick look whether one may be the other mistyped: most letters are the same."""
    return other[0] in word[:2] and len(set(word) - set(other)) <= 2


def _begins(words: tuple[str, ...], typed: Sequence[str]) -> bool:
    return words[: len(typed)] == tuple(typed)


def _pair(place: _Place) -> tuple[Entry, LexiconPhrase]:
    return place.entry, place.phrase


def _weights(words: Sequence[str]) -> list[float]:
    return [_FILLER if word in FILLERS else 1.0 for word in words]
