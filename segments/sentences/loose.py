"""What a marketer would write: conditions and what is said about them, one word after the other.

Nothing is guessed: words without a meaning, with several, or whose meaning would need a number that
nobody wrote, are gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any as Json

from django.utils import translation

from segments.definition.words import whole_lists
from segments.lexicon.modify import modify
from segments.lexicon.query import Query
from segments.sentences.clauses import ClauseReader
from segments.sentences.joining import join_pieces
from segments.sentences.marks import Mark, Marker
from segments.sentences.phrases import MOST_WORDS, Meaning, Phrases
from segments.sentences.pieces import Piece, defaults_left, is_kind_of_value, put_range
from segments.sentences.reader import as_condition
from segments.sentences.tokens import Token, tokens_of
from segments.sentences.vocabulary import Vocabulary
from segments.sentences.wording import wording

MOST_TOKENS = 600
"""Words of a text that is read."""


@dataclass(frozen=True)
class TokenGap:
    """Tokens that were not understood."""

    first: int
    last: int
    choices: tuple[str, ...] = ()


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
    return LooseReading(definition, tuple(_joined(spans, text)))


@dataclass
class _LooseReader:
    text: str
    tokens: Sequence[Token]
    phrases: Phrases
    vocabulary: Vocabulary
    language: str
    today: date
    pieces: list[Piece] = field(default_factory=list)
    gaps: list[TokenGap] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._words = wording(self.language)
        self._marker = Marker(self.tokens, self.language, self.today)
        self._clauses = ClauseReader(self.text, self.vocabulary, self.language)
        self._current: Piece | None = None
        self._waiting: list[Mark] = []
        self._join, self._is_strong, self._pronoun = "", False, False

    def read(self) -> None:
        """Read all tokens into pieces and gaps."""
        i = 0
        while i < len(self.tokens):
            i = self._next(i)
        self._end_clause()
        for piece in self.pieces:
            self._finish(piece)
        self.pieces = [piece for piece in self.pieces if piece.fragment]

    def _next(self, i: int) -> int:
        """Read what begins at a token; return the token after it."""
        token = self.tokens[i]
        exact = self._clauses.at(token.start) if self._current is None else None
        if exact is not None:
            end, fragment = exact
            last = next((j for j in range(i, len(self.tokens)) if self.tokens[j].end >= end), i)
            self._add(Piece(fragment, i, last + 1, is_whole=True))
            return last + 1
        if token.word in {",", ";"} and not token.is_quoted:
            self._boundary("", strong=True)
            return i + 1
        mark = self._structure(i)
        meanings, length = self._meanings(i)
        if mark is not None and mark.last - mark.first >= length:
            self._apply(mark)
            return mark.last
        is_filler = token.word in self._words.fillers and not token.is_quoted
        if meanings and not (length == 1 and is_filler):
            self._choose(meanings, i, i + length)
            return i + length
        return self._word(i, is_filler=is_filler)

    def _structure(self, i: int) -> Mark | None:
        if self.tokens[i].is_quoted:
            return None
        time, amount = self._marker.time(i), self._marker.amount(i)
        if time is not None and (amount is None or time.last >= amount.last):
            return time
        return amount

    def _word(self, i: int, *, is_filler: bool) -> int:
        """A word that joins or negates, a value, a filler, or nothing known."""
        token, words = self.tokens[i], self._words
        if not token.is_quoted:
            if token.word in words.negations:
                self._waiting.append(Mark("not", i, i + 1))
                return i + 1
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
        return i + 1

    # --- meanings --------------------------------------------------------------------------------

    def _meanings(self, i: int) -> tuple[list[Meaning], int]:
        """The meanings of the longest phrase at a token."""
        for last in range(min(i + MOST_WORDS, len(self.tokens)), i, -1):
            words = tuple(token.word for token in self.tokens[i:last])
            if self.tokens[i].is_quoted:
                words, last = tuple(self.tokens[i].word.split()), i + 1
            if self._is_structure(i) and last == i + 1:
                return [], 0
            meanings = self.phrases.at(words, self.language)
            if meanings:
                rest = self.tokens[i].word in self._words.negations and self._meanings(i + 1)[0]
                return ([], 0) if rest else (meanings, last - i)
        return [], 0

    def _is_structure(self, i: int) -> bool:
        token, words = self.tokens[i], self._words
        joins = words.both | words.either | words.but | words.negations | words.pronouns
        return token.word in joins and not token.is_quoted

    def _choose(self, meanings: list[Meaning], first: int, last: int) -> None:
        best = meanings[0]
        rivals = [m for m in meanings if m.score >= best.score - 1e-6]
        if len(rivals) > 1 and self._names_group(first):
            rivals = [m for m in rivals if "group_ids" in m.fragment] or rivals
        if len(rivals) > 1:
            choices = tuple(dict.fromkeys(self._say(rival.fragment) for rival in rivals))
            self.gaps.append(TokenGap(first, last, choices))
            return
        self._add(Piece(dict(rivals[0].fragment), first, last, is_name=rivals[0].is_name))

    def _names_group(self, first: int) -> bool:
        """Whether the words before say that a list or a segment follows."""
        before = {token.word for token in self.tokens[max(first - 2, 0) : first]}
        return bool(before & _BEFORE_GROUPS)

    def _value(self, i: int, *, is_filler: bool) -> int:
        """A value, a place or a misspelt name at a token; the token after it, or 0."""
        longest = self._longest(i)
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

    def _longest(self, i: int) -> int:
        """The token after the longest run of words from a token on."""
        last = i + 1
        while last < min(i + MOST_WORDS, len(self.tokens)) and not self.tokens[i].is_quoted:
            token = self.tokens[last]
            if self._is_structure(last) or token.word in {",", ";", ".", "!", "?"}:
                break
            if self._structure(last) is not None or token.is_quoted:
                break
            last += 1
        return last

    def _is_value(self, words: tuple[str, ...], first: int, last: int) -> bool:
        current = self._current
        text = self.text[self.tokens[first].start : self.tokens[last - 1].end]
        if current is not None and current.lacks_test:
            test = self.phrases.value_of(current.fragment["property"], text, words)
            if test is None and self.tokens[first].is_quoted:
                test = {"type": "string", "operator": "equals", "value": self.tokens[first].raw}
            if test is not None:
                self._give_test(current, test, last)
                return True
        if current is not None and current.metric and not current.is_whole:
            pairs = self.phrases.values(words, current.metric)
            if pairs:
                name, test = pairs[0]
                where = current.fragment.setdefault("metric_filters", [])
                current.fragment["metric_filters"] = [*where, {"property": name, "filter": test}]
                current.last = last
                return True
        meanings = [
            Meaning({"type": "profile-property", "property": path, "filter": test}, 1.0, True)
            for path, test in self.phrases.values(words)
        ]
        if not meanings and not self.tokens[first].is_quoted:
            places = self.phrases.place(text, words)
            near = self._waiting_distance() is not None
            meanings = [
                m
                for m in places
                if ("latitude" in m.fragment) == near and "region" not in m.fragment
            ][:1]
            meanings = meanings or self.phrases.misspelt(words)
        elif self._waiting_distance() is not None:
            places = self.phrases.place(text, words)
            meanings = [m for m in places if "latitude" in m.fragment][:1] or meanings
        if not meanings:
            return False
        self._choose(meanings, first, last)
        return True

    def _waiting_distance(self) -> Mark | None:
        for mark in self._waiting:
            if mark.kind == "amount" and getattr(mark.value, "unit", "") in {"kilometers", "miles"}:
                return mark
        return None

    def _give_test(self, piece: Piece, test: Json, last: int) -> None:
        piece.fragment["filter"] = test
        piece.last = last
        piece.marks += [mark for mark in self._waiting if mark.kind == "not"]
        self._waiting = [mark for mark in self._waiting if mark.kind != "not"]

    # --- pieces ----------------------------------------------------------------------------------

    def _add(self, piece: Piece) -> None:
        """A condition begins: what waited for one belongs to it."""
        piece.join = self._join or ("and" if self.pieces else "")
        piece.is_strong = self._is_strong
        piece.has_pronoun = self._pronoun
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
        return following < len(self.tokens) and bool(self._meanings(following)[0])

    def _boundary(self, join: str, *, strong: bool = False) -> None:
        """A clause ends. Of several joins in a row, the word counts and not the comma."""
        self._end_clause()
        self._join = join or self._join
        self._is_strong = strong or self._is_strong

    def _end_clause(self) -> None:
        """What still waits for a condition belongs to the last one, if that was in a clause before."""
        if self._current is not None or not self.pieces:
            self._current = None
        elif self._waiting and all(mark.kind in {"time", "amount"} for mark in self._waiting):
            self.pieces[-1].marks += self._waiting
            self._waiting = []
        if self._waiting and self._at_end():
            self.gaps += [TokenGap(mark.first, mark.last) for mark in self._waiting]
            self._waiting = []

    def _at_end(self) -> bool:
        return not any(
            token.start > self.tokens[self._waiting[-1].last - 1].start
            and token.word not in self._words.fillers
            and token.word not in {",", ";"}
            for token in self.tokens
        )

    def _finish(self, piece: Piece) -> None:
        """Change the condition by its times, amounts and negations; what is of no use is a gap."""
        if piece.is_whole:
            piece.is_negated = False
            unused = piece.marks
        else:
            unused = self._modify(piece)
        self.gaps += [TokenGap(mark.first, mark.last) for mark in unused]
        if not piece.fragment:
            return
        if as_condition(piece.fragment) is None:
            self.gaps.append(TokenGap(piece.first, piece.last))
            piece.fragment = {}

    def _modify(self, piece: Piece) -> list[Mark]:
        if piece.lacks_test:
            piece.fragment["filter"] = {"type": "existence", "operator": "is-set"}
            if any(mark.kind == "amount" for mark in piece.marks):
                piece.fragment["filter"] = {"type": "numeric", "operator": "equals", "value": 0}
            elif any(mark.kind == "time" for mark in piece.marks):
                piece.fragment["filter"] = _SOME_DATE
            elif not any(mark.kind == "not" for mark in piece.marks):
                choice = self._say(piece.fragment)
                self.gaps.append(TokenGap(piece.first, piece.last, (choice,) if choice else ()))
                piece.fragment = {}
                return piece.marks
        before = piece.fragment
        unused: list[Mark] = []
        by_kind: dict[str, Mark] = {}
        for mark in piece.marks:
            if mark.kind in by_kind and mark.kind != "not":
                unused.append(mark)
            else:
                by_kind[mark.kind] = mark
        piece.is_negated = "not" in by_kind
        for kind, mark in sorted(by_kind.items()):
            query = Query(
                "",
                (),
                is_negated=kind == "not",
                timeframe=mark.value if kind == "time" else None,
                amount=mark.value if kind == "amount" else None,
            )
            if isinstance(mark.value, tuple):
                changed, uses = put_range(piece.fragment, mark.value)
            else:
                changed, uses = modify(piece.fragment, query)
            if uses:
                piece.fragment = changed
            else:
                unused.append(mark)
        if not piece.is_name and defaults_left(before, piece.fragment, by_kind):
            choice = self._say(piece.fragment)
            self.gaps.append(TokenGap(piece.first, piece.last, (choice,) if choice else ()))
            piece.fragment = {}
        return unused

    def _say(self, fragment: Json) -> str:
        """A condition in words, for a choice."""
        condition = as_condition(fragment)
        if condition is None:
            return ""
        with translation.override(translation.get_language()), whole_lists():
            return condition.sentence(self.vocabulary.catalog)


_SOME_DATE = {"type": "date", "operator": "in-the-last", "quantity": 1, "unit": "day"}
_BEFORE_GROUPS = frozenset(
    [
        "in",
        "on",
        "list",
        "lists",
        "segment",
        "segments",
        "member",
        "members",
        "i",
        "pa",
        "listan",
        "lista",
        "listor",
        "segmentet",
        "na",
        "liscie",
        "listy",
        "w",
        "segmencie",
        "segmentu",
        "naleza",
    ]
)


def _joined(
    spans: list[tuple[int, int, tuple[str, ...]]], text: str
) -> list[tuple[int, int, tuple[str, ...]]]:
    """Gaps that only a space separates as one."""
    joined: list[tuple[int, int, tuple[str, ...]]] = []
    for start, end, choices in spans:
        if joined and start < joined[-1][1]:
            continue
        if joined and not choices and not joined[-1][2] and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end, ())
        else:
            joined.append((start, end, choices))
    return joined


__all__ = ["LooseReading", "is_kind_of_value", "read_loosely"]
