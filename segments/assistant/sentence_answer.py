"""What is shown for a text: the marked text, the definition as a sentence, and its count."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from profiles.columns.population import UnknownKey
from segmenter.kernel.errors import Invalid
from segments.definition.describe import describe
from segments.definition.tree import Unsupported
from segments.engine.checking import check_definition
from segments.engine.preview import Preview, preview
from segments.engine.vocabulary import Catalog
from segments.sentences.parse import Gap, parse


@dataclass(frozen=True)
class Piece:
    """A part of the text: understood, or a gap with what could be meant instead."""

    text: str
    is_gap: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class SentenceAnswer:
    """A text, and the definition that was read or drafted from it."""

    pieces: tuple[Piece, ...]
    definition: dict[str, Any] | None
    sentence: str = ""
    preview: Preview | None = None
    is_draft: bool = False
    """Whether a language model made it: a person should look at it."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the text was understood."""
        return self.definition is not None and not any(piece.is_gap for piece in self.pieces)

    @property
    def json(self) -> str:
        return json.dumps(self.definition, sort_keys=True)

    @property
    def percent(self) -> float:
        return round(self.preview.share * 100, 1) if self.preview else 0.0


def answer_to_text(text: str, catalog: Catalog, language: str, at: datetime) -> SentenceAnswer:
    """Read a text without the model. Gaps are marked; they are in no definition."""
    result = parse(text, catalog, language, at=at)
    pieces = tuple(_pieces(text, result.gaps))
    if result.definition is None:
        return SentenceAnswer(pieces, None)
    count = _count(result.definition, catalog, at)
    return SentenceAnswer(pieces, result.definition, result.sentence, count)


def answer_to_draft(
    text: str, definition: dict[str, Any], catalog: Catalog, at: datetime
) -> SentenceAnswer:
    """A valid definition that the model made of a text."""
    sentence = describe(check_definition(catalog.account, definition), catalog)
    count = _count(definition, catalog, at)
    return SentenceAnswer((Piece(text),), definition, sentence, count, is_draft=True)


def _count(definition: dict[str, Any], catalog: Catalog, at: datetime) -> Preview | None:
    try:
        tree = check_definition(catalog.account, definition)
        return preview(catalog.account, tree, at, members=0)
    except (Invalid, UnknownKey, Unsupported):
        return None


def _pieces(text: str, gaps: Sequence[Gap]) -> Iterator[Piece]:
    end = 0
    for gap in sorted(gaps, key=lambda gap: gap.start):
        if gap.start > end:
            yield Piece(text[end : gap.start])
        yield Piece(text[gap.start : gap.end], True, tuple(gap.choices))
        end = gap.end
    if end < len(text):
        yield Piece(text[end:])
