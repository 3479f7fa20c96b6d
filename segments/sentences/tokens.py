"""The words of a text with their places."""

from __future__ import annotations

import re
from typing import NamedTuple

from segments.lexicon.letters import fold

_TOKEN = re.compile(
    r"[“„\"”](?P<quoted>[^“„\"”]+)[”\"“]"
    r"|(?P<number>[$€£]?(?:\d{4}-\d\d-\d\d|\d{1,3}(?:[ \u00a0]\d{3})+(?!\d)"
    r"|\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:[.,]\d+)?))"
    r"|(?P<word>[^\W\d_]+(?:['’-][^\W\d_]+)*(?:_\w+)*)"
    r"|(?P<sign>[^\w\s])"
)
_NEGATED = re.compile(r"(\w+)n['’]t|(have|has|had|did|do|does|is|are|was|were)nt")
_HYPHEN = re.compile(r"^(e|re|pre|un|non)-(?=[a-z])")


class Token(NamedTuple):
    """A word, number, sign or quoted text."""

    start: int
    end: int
    word: str
    """In small letters without diacritics; of "haven't" it is "not"."""
    raw: str
    is_quoted: bool = False


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text. "90d" is two."""
    tokens = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if match["quoted"] is not None:
            tokens.append(Token(start, end, fold(match["quoted"]), match["quoted"], True))
            continue
        word = _HYPHEN.sub(r"\1", fold(match[0]))
        if word in {"can't", "can’t", "cannot", "cant"} or _NEGATED.fullmatch(word):
            word = "not"
        word = re.sub(r"['’](s|re|ve|d|ll)?$", "", word)
        if match["number"]:
            word = _plain_number(match["number"])
        tokens.append(Token(start, end, word, match[0]))
    return tokens


def _plain_number(text: str) -> str:
    """A number with a point, without separators between thousands and without a currency."""
    text = text.lstrip("$€£")
    if re.fullmatch(r"\d{1,3}(?:[ \u00a0,]\d{3})+", text):
        return re.sub(r"\D", "", text)
    return text.replace(",", ".")
