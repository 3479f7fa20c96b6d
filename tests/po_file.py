"""Reads gettext catalogues (.po), as much of the format as this project uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Message:
    """One entry: what is said in English and its translations, one for each plural form."""

    context: str = ""
    singular: str = ""
    plural: str = ""
    translations: dict[int, str] = field(default_factory=dict)
    fuzzy: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        return self.context, self.singular, self.plural


def read_po(file: Path) -> list[Message]:
    """Return the messages of a catalogue, its header left out."""
    messages = [_message(block) for block in _blocks(file.read_text(encoding="utf-8"))]
    return [message for message in messages if message.singular]


def _blocks(text: str) -> Iterator[list[str]]:
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith("#~")]
        if lines:
            yield lines


def _message(lines: list[str]) -> Message:
    message = Message()
    texts: dict[str, str] = {}
    keyword = ""
    for line in lines:
        if line.startswith("#"):
            message.fuzzy |= line.startswith("#,") and "fuzzy" in line
            continue
        if not line.startswith('"'):
            keyword, _, line = line.partition(" ")
        texts[keyword] = texts.get(keyword, "") + str(ast.literal_eval(line))
    message.context = texts.pop("msgctxt", "")
    message.singular = texts.pop("msgid", "")
    message.plural = texts.pop("msgid_plural", "")
    for name, text in texts.items():
        message.translations[int(name.partition("[")[2].rstrip("]") or 0)] = text
    return message
