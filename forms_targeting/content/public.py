"""The content of a form as the shop's page gets it: in one language, nothing else than is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_targeting.attributes import Kind
from forms_targeting.content.block import FormBlock
from forms_targeting.content.form_content import FormContent, write_content


def public_content(content: FormContent, languages: list[str]) -> dict[str, Any]:
    """Return the content in the first of these languages that it has, else in its own.

    `languages` are codes such as "sv-SE", the visitor's most wanted first. A text without a
    translation stays in the content's own language.
    """
    language = best_language(content, languages)
    texts = content.translations.get(language, {})
    document = write_content(content)
    del document["translations"]
    document["language"] = language
    for step, record in zip(content.steps, document["steps"], strict=True):
        record["blocks"] = [_public_block(block, texts) for block in step.blocks]
    return document


def best_language(content: FormContent, languages: list[str]) -> str:
    """Return the code of the content's language that suits a visitor best."""
    available = {content.language, *content.translations}
    for tag in languages:
        code = tag.replace("_", "-").split("-")[0].lower()
        if code in available:
            return code
    return content.language


def _public_block(block: FormBlock, texts: Mapping[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = {"id": block.id, "type": block.type, **block.values}
    for attribute in block.kind.attributes:
        if not attribute.translates:
            continue
        name = attribute.name
        if attribute.kind is Kind.OPTIONS:
            record[name] = [
                option
                | {"label": texts.get(f"{block.id}.{name}.{option['value']}", option["label"])}
                for option in block.values[name]
            ]
        else:
            record[name] = texts.get(f"{block.id}.{name}", block.values[name])
    return record
