"""What a marketer would write: conditions and what is said about them, one word after the other.

Nothing is guessed: words without a meaning, with several, or whose meaning would need a number that
nobody wrote, are gaps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any as Json

from django.utils import translation

from segments.definition.words import whole_lists
from segments.sentences.clauses import ClauseReader
from segments.sentences.completion import clear_nor, complete, share_times
from segments.sentences.joining import join_pieces
from segments.sentences.lookaround import Lookaround
from segments.sentences.marks import Mark
from segments.sentences.phrases import TESTED, Meaning, Phrases
from segments.sentences.pieces import IS_SET, ConditionPiece, TokenGap
from segments.sentences.reader import as_condition
from segments.sentences.tokens import Token, tokens_of
from segments.sentences.vocabulary import Vocabulary
from segments.sentences.wording import wording

MOST_TOKENS = 600
"""Words of a text that is read."""


@dataclass(frozen=True)
class LooseReading:
    """What was understood of a text in a language, and the tokens that were not."""

    definition: dict[str, Json] | None
    gaps: tuple[tuple[int, int, tuple[str, ...]], ...]
    """(start, end, choices) in the text."""

    @property
    def missed(self) -> int:
        """Letters that were not understood."""
        return sum(end - start for start, end, _choices in self.gaps)


def read_loosely(
    text: str, phrases: Phrases, vocabulary: Vocabulary, language: str, today: date
) -> LooseReading:
    """Read a text in a language. The sentences of choices are in the active language."""
    tokens = tokens_of(text)
    if len(tokens) > MOST_TOKENS:
        return LooseReading(None, ((0, len(text), ()),))
    reader = _LooseReader(text, tokens, phrases, vocabulary, language, today)
    reader.read()
    definition, gaps = join_pieces(reader.pieces)
    spans = sorted(
        (tokens[gap.first].start, tokens[gap.last - 1].end, gap.choices)
        for gap in (*reader.gaps, *(TokenGap(*gap) for gap in gaps))
    )
    return LooseReading(definition, tuple(_join_neighbours(spans, text)))


@dataclass
class _LooseReader:
    text: str
    tokens: Sequence[Token]
    phrases: Phrases
    vocabulary: Vocabulary
    language: str
    today: date
    pieces: list[ConditionPiece] = field(default_factory=list)
    gaps: list[TokenGap] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._words = wording(self.language)
        self._around = Lookaround(self.tokens, self.phrases, self.language, self.today)
        self._clauses = ClauseReader(self.text, self.vocabulary, self.language)
        self._current: ConditionPiece | None = None
        self._doubtful: list[ConditionPiece] = []
        self._waiting: list[Mark] = []
        self._join, self._is_strong, self._pronoun = "", False, False
        self._is_neither = self._is_nor = False

    def read(self) -> None:
        """Read all tokens into pieces and gaps."""
        i = 0
        while i < len(self.tokens):
            i = self._next(i)
        self._end_clause()
        self.gaps += [TokenGap(mark.first, mark.last) for mark in self._waiting]
        share_times(self.pieces)
        for piece in self.pieces:
            self.gaps += complete(piece, self._say)
            if piece.is_negated and piece in self._doubtful:
                # "No orders in the last fortnite" must not become "no orders at all".
                self.gaps.append(TokenGap(piece.first, piece.last))
                piece.fragment = {}
        self.gaps += clear_nor(self.pieces)
        self.pieces = [piece for piece in self.pieces if piece.fragment]

    def _next(self, i: int) -> int:
        """Read what begins at a token; return the token after it."""
        token = self.tokens[i]
        test = self._text_test(i)
        if test:
            return test
        exact = self._clauses.at(token.start) if self._current is None else None
        if exact is not None:
            end, fragment = exact
            last = next((j for j in range(i, len(self.tokens)) if self.tokens[j].end >= end), i)
            self._add(ConditionPiece(fragment, i, last + 1, is_whole=True))
            return last + 1
        if token.word in {",", ";"} and not token.is_quoted:
            self._boundary("", strong=True)
            if self._is_neither and self._around.comes_to_nor(i + 1):
                self._nor(i)
            else:
                self._is_neither = False
            return i + 1
        mark = self._around.mark(i)
        meanings, length = self._around.meanings(i)
        if mark is not None and mark.last - mark.first >= length:
            self._apply(mark)
            return mark.last
        is_filler = token.word in self._words.fillers and not token.is_quoted
        if self._is_object(i, length):
            return i + max(length, 1)
        is_vain = all(each.word in self._words.fillers for each in self.tokens[i : i + length])
        if meanings and (not is_vain or token.is_quoted):
            self._choose(meanings, i, i + length)
            return i + length
        return self._word(i, is_filler=is_filler)

    def _text_test(self, i: int) -> int:
        """ "Ends with gmail.com", after a property: the token after it, or 0."""
        current, test_at = self._current, self._around.text_test(i)
        if current is None or not current.lacks_test or test_at is None:
            return 0
        operator, following = test_at
        first = self.tokens[following]
        value, end = first.raw, first.end
        match = None if first.is_quoted else _VALUE.match(self.text, first.start)
        if match is not None:
            value, end = match[0], match.end()
        last = next(
            (j for j in range(following, len(self.tokens)) if self.tokens[j].start >= end),
            len(self.tokens),
        )
        self._give_test(current, {"type": "string", "operator": operator, "value": value}, last)
        return last

    def _is_object(self, i: int, length: int) -> bool:
        """Whether a word is only the object of the verb before: "opened an email"."""
        current = self._current
        if (
            current is not None
            and (current.metric or "consent" in current.fragment)
            and length <= 1
        ):
            return self.tokens[i].word in self._words.objects
        is_joined = self.tokens[i].word in self._words.joined
        if is_joined and length <= 1:
            following = next(
                (
                    j
                    for j in range(i + 1, len(self.tokens))
                    if self.tokens[j].word not in self._words.fillers
                ),
                i,
            )
            return any("group_ids" in m.fragment for m in self._around.meanings(following)[0])
        return False

    def _word(self, i: int, *, is_filler: bool) -> int:
        """A word that joins or negates, a value, a filler, or nothing known."""
        token, words = self.tokens[i], self._words
        if not token.is_quoted:
            if token.word in words.nor or (self._is_neither and token.word in words.either):
                self._boundary("and")
                self._nor(i)
                return i + 1
            if token.word in words.negations:
                self._is_neither = token.word in words.neither
                self._waiting.append(Mark("not", i, i + 1, token.word))
                return i + 1
            if token.word in words.but | words.both | words.pronouns:
                self._is_neither = False
            if token.word in words.but:
                self._boundary("", strong=True)
                return i + 1
            if token.word in words.both | words.either:
                self._boundary("or" if token.word in words.either else "and")
                return i + 1
            if token.word in words.pronouns:
                self._boundary("")
                self._pronoun = True
                return i + 1
        end = self._value(i, is_filler=is_filler)
        if end:
            return end
        if not is_filler:
            self.gaps.append(TokenGap(i, i + 1))
            if self._current is not None:
                self._doubtful.append(self._current)
        return i + 1

    # --- meanings --------------------------------------------------------------------------------

    def _choose(self, meanings: list[Meaning], first: int, last: int) -> None:
        if self._around.text_test(last):
            meanings = [m for m in meanings if m.fragment["type"] in TESTED] or meanings
        best = meanings[0]
        rivals = [m for m in meanings if m.score >= best.score - 1e-6]
        if len(rivals) > 1 and self._around.names_group(first):
            rivals = [m for m in rivals if "group_ids" in m.fragment] or rivals
        if len(rivals) > 1:
            choices = tuple(dict.fromkeys(self._say(rival.fragment) for rival in rivals))
            self.gaps.append(TokenGap(first, last, choices))
            return
        meaning = rivals[0]
        if self._current is not None and self._current.is_about(meaning.fragment):
            self._current.fragment, self._current.last = dict(meaning.fragment), last
            return
        piece = ConditionPiece(
            dict(meaning.fragment), first, last, is_name=meaning.is_name, metrics=meaning.metrics
        )
        self._add(piece)

    def _value(self, i: int, *, is_filler: bool) -> int:
        """A value, a place or a correct name at a token; the token after it, or 0."""
        longest = self._around.longest(i)
        for last in range(longest, i, -1):
            words = tuple(token.word for token in self.tokens[i:last])
            if self.tokens[i].is_quoted:
                words = tuple(self.tokens[i].word.split())
            if all(word in self._words.fillers for word in words):
                continue
            if self.tokens[last - 1].word in self._words.fillers and last - i > 1:
                continue
            if self._is_value(words, i, last):
                return last
            if is_filler and last == i + 1:
                break
        return 0

    def _is_value(self, words: tuple[str, ...], first: int, last: int) -> bool:
        current = self._current
        text = self.text[self.tokens[first].start : self.tokens[last - 1].end]
        is_property = current is not None and current.fragment["type"] == "profile-property"
        if current is not None and current.lacks_test and is_property:
            test = self.phrases.value_of(current.fragment["property"], text, words)
            if test is None and self.tokens[first].is_quoted:
                test = {"type": "string", "operator": "equals", "value": self.tokens[first].raw}
            if test is None and self._around.is_said_to_equal(first):
                test = {"type": "string", "operator": "equals", "value": text}
                test = IS_SET if words == ("set",) else test
            if test is not None:
                self._give_test(current, test, last)
                return True
        if current is not None and current.metric and not current.is_whole:
            for metric in dict.fromkeys((*current.metrics, current.metric)):
                pairs = self.phrases.values(words, metric)
                if not pairs:
                    continue
                name, test = pairs[0]
                current.fragment["metric_id"] = metric
                where = current.fragment.setdefault("metric_filters", [])
                current.fragment["metric_filters"] = [*where, {"property": name, "filter": test}]
                current.last = last
                return True
        meanings = [
            Meaning({"type": "profile-property", "property": path, "filter": test}, 1.0, True)
            for path, test in self.phrases.values(words)
        ]
        near = self._waiting_distance() is not None
        if near or (not meanings and not self.tokens[first].is_quoted):
            places = (
                self.phrases.place(text, words) if self._around.may_be_place(first, last) else []
            )
            meanings = [
                place
                for place in places
                if ("latitude" in place.fragment) == near and "region" not in place.fragment
            ][:1] or meanings
            meanings = meanings or self.phrases.correct(words)
        if not meanings:
            return False
        self._choose(meanings, first, last)
        return True

    def _waiting_distance(self) -> Mark | None:
        for mark in self._waiting:
            if mark.kind == "amount" and getattr(mark.value, "unit", "") in {"kilometers", "miles"}:
                return mark
        return None

    def _give_test(self, piece: ConditionPiece, test: Json, last: int) -> None:
        piece.fragment["filter"] = test
        piece.last = last
        piece.marks += [mark for mark in self._waiting if mark.kind == "not"]
        self._waiting = [mark for mark in self._waiting if mark.kind != "not"]

    # --- pieces ----------------------------------------------------------------------------------

    def _add(self, piece: ConditionPiece) -> None:
        """A condition begins: what waited for one belongs to it."""
        piece.join = self._join or ("and" if self.pieces else "")
        piece.is_strong = self._is_strong
        piece.has_pronoun = self._pronoun
        piece.is_nor, self._is_nor = self._is_nor and len(self.pieces) > 0, False
        piece.marks = self._waiting
        self._waiting = []
        self._join, self._is_strong, self._pronoun = "", False, False
        self.pieces.append(piece)
        self._current = piece

    def _apply(self, mark: Mark) -> None:
        """A time or an amount: of the condition before it in its clause, else of the next one."""
        if mark.kind == "unclear":
            self.gaps.append(TokenGap(mark.first, mark.last))
        elif self._current is None or self._belongs_to_next(mark):
            self._waiting.append(mark)
        else:
            if mark.kind == "amount":  # "shoe size not over 40"
                before = [each for each in self._waiting if each.last == mark.first]
                self._current.marks += before
                self._waiting = [each for each in self._waiting if each not in before]
            self._current.marks.append(mark)

    def _belongs_to_next(self, mark: Mark) -> bool:
        if mark.kind != "amount" or getattr(mark.value, "unit", "times") == "times":
            return False
        current = self._current
        if current is not None and (current.is_measured or current.lacks_test):
            return False
        following = mark.last
        while following < len(self.tokens) and self.tokens[following].word in self._words.fillers:
            following += 1
        if following >= len(self.tokens) or self._is_object(following, 1):
            return False
        return bool(self._around.meanings(following)[0])

    def _boundary(self, join: str, *, strong: bool = False) -> None:
        """A clause ends. Of several joins in a row, the word counts and not the comma."""
        self._end_clause()
        self._join = join or self._join
        self._is_strong = strong or self._is_strong

    def _nor(self, i: int) -> None:
        """The next condition is negated with the one before."""
        self._waiting.append(Mark("not", i, i + 1, self.tokens[i].word))
        self._is_nor = True

    def _end_clause(self) -> None:
        """A clause ends. What was said in one without a condition belongs to the one before."""
        had_condition = self._current is not None
        self._current = None
        if had_condition or not self.pieces or not self._waiting:
            return
        last = self.pieces[-1]
        kinds = {mark.kind for mark in self._waiting}
        if kinds <= {"time", "amount"}:
            last.marks += self._waiting
        elif kinds == {"not", "time"} and last.metric:  # "but not in the last 30 days"
            again = {**last.fragment, "timeframe_filter": {"type": "date", "operator": "alltime"}}
            self._add(ConditionPiece(again, self._waiting[0].first, self._waiting[-1].last))
            self._current = None
        else:
            return
        self._waiting = []

    def _say(self, fragment: Json) -> str:
        """A condition in words, for a choice."""
        condition = as_condition(fragment)
        if condition is None:
            return ""
        with translation.override(translation.get_language()), whole_lists():
            return condition.sentence(self.vocabulary.catalog)


_VALUE = re.compile(r"[^\s,;]*[^\s,;.!?]")


def _join_neighbours(
    spans: list[tuple[int, int, tuple[str, ...]]], text: str
) -> list[tuple[int, int, tuple[str, ...]]]:
    """Gaps that only a space separates as one."""
    parts: list[tuple[int, int, tuple[str, ...]]] = []
    for start, end, choices in spans:
        if parts and start < parts[-1][1]:
            continue
        is_near = bool(parts) and not text[parts[-1][1] : start].strip()
        if is_near and not choices and not parts[-1][2]:
            parts[-1] = (parts[-1][0], end, ())
        else:
            parts.append((start, end, choices))
    return parts
