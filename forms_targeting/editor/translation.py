"""The texts of a draft in its languages: their names, what is translated, and changes of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.content.block import block_kinds
from forms_targeting.editor.positions import blocks_of


@dataclass(frozen=True)
class SourceText:
    """One text of a form that each language has words of its own for."""

    name: str
    """Its name in translations, as `translatable_texts` has it."""
    text: str
    holder: dict[str, Any]
    """The block or the option that has it."""
    attribute: Attribute
    block: dict[str, Any]
    step: int

    @property
    def key(self) -> str:
        """The key of the text in its holder."""
        return "label" if self.attribute.kind is Kind.OPTIONS else self.attribute.name


def source_texts(draft: dict[str, Any]) -> Iterator[SourceText]:
    """Each text with words, in the order of the form."""
    for place, block in blocks_of(draft):
        for attribute in block_kinds[block["type"]].attributes:
            if not attribute.translates:
                continue
            if attribute.kind is Kind.OPTIONS:
                for option in block[attribute.name]:
                    name = f"{block['id']}.{attribute.name}.{option['value'].strip()}"
                    text = option["label"].strip() or option["value"].strip()
                    yield SourceText(name, text, option, attribute, block, place.step)
            elif text := block[attribute.name].strip():
                name = f"{block['id']}.{attribute.name}"
                yield SourceText(name, text, block, attribute, block, place.step)


def share_of(draft: dict[str, Any], language: str) -> int:
    """Return how many percent of the texts have words in a language; rounded down."""
    names = {source.name for source in source_texts(draft)}
    texts = draft["translations"].get(language, {})
    return 100 * len(names & texts.keys()) // len(names) if names else 100


def copy_translations(draft: dict[str, Any], before: str, after: str) -> None:
    """Give the texts of one block, or one option, the translations of another."""
    for texts in draft["translations"].values():
        for name in [name for name in texts if name == before or name.startswith(f"{before}.")]:
            texts[after + name.removeprefix(before)] = texts[name]


def drop_translations(draft: dict[str, Any], prefix: str) -> None:
    for texts in draft["translations"].values():
        for name in [name for name in texts if name == prefix or name.startswith(f"{prefix}.")]:
            del texts[name]


def change_main_language(draft: dict[str, Any], language: str) -> None:
    """Make another language that of the blocks' texts; the texts so far become a translation.

    A text without words in the new language stays as it is, until somebody translates it.
    """
    before, texts = draft["language"], draft["translations"].pop(language, {})
    if before == language:
        draft["translations"] |= {language: texts} if texts else {}
        return
    previous = draft["translations"][before] = {}
    for source in list(source_texts(draft)):
        previous[source.name] = source.text
        source.holder[source.key] = texts.get(source.name, source.text)
    draft["language"] = language
