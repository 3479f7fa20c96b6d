"""Text in composed form (Unicode's NFC), in which it is compared.

A letter with an accent has two spellings: one character, or a letter and a combining mark, as files
from a Mac often have it. Both look the same and mean the same. Texts are stored as they came and
compared composed. Source: Unicode Standard Annex 15.
"""

from __future__ import annotations

from unicodedata import normalize


def composed(text: str) -> str:
    """The text in its composed form."""
    return text if text.isascii() else normalize("NFC", text)


def spellings(text: str) -> list[str]:
    """The composed and the decomposed form; one of them if they are the same."""
    return list(dict.fromkeys((composed(text), normalize("NFD", text))))
