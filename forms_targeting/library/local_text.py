"""The content of a ready-made form, written with each text in three languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MAIN_LANGUAGE = "en"


class LocalText(NamedTuple):
    """One text of a form in every language of the library."""

    en: str
    sv: str
    pl: str

    @property
    def translations(self) -> dict[str, str]:
        """By language, without the main one."""
        return {code: text for code, text in self._asdict().items() if code != MAIN_LANGUAGE}


def content(kind: str, *steps: Mapping[str, Any], **style: Any) -> dict[str, Any]:
    """Return the JSON of a form's content, its local texts as texts and translations."""
    translations: dict[str, dict[str, str]] = {}
    for name, text_of in _local_texts(steps):
        for language, text in text_of.translations.items():
            translations.setdefault(language, {})[name] = text
    return {
        "kind": kind,
        "language": MAIN_LANGUAGE,
        "style": style,
        "steps": [_plain(step) for step in steps],
        "translations": translations,
    }


def step(id_: str, *blocks: Mapping[str, Any], branches: Mapping[str, str] | None = None) -> Any:
    """Return a step. `branches` leads from "<block id>=<value>" to the id of a step."""
    records = []
    for condition, target in (branches or {}).items():
        name, _equals, value = condition.partition("=")
        records.append({"field": name, "value": value, "step": target})
    return {"id": id_, "blocks": list(blocks), "branches": records}


def block(id_: str, type_: str, **values: Any) -> dict[str, Any]:
    return {"id": id_, "type": type_, **values}


def option(value: str, label: LocalText) -> dict[str, Any]:
    """Return one option: `value` is what is stored, in every language."""
    return {"value": value, "label": label}


def _local_texts(steps: tuple[Mapping[str, Any], ...]) -> Iterator[tuple[str, LocalText]]:
    """Each phrase with its name in translations."""
    for record in (record for step in steps for record in step["blocks"]):
        for name, value in record.items():
            if isinstance(value, LocalText):
                yield f"{record['id']}.{name}", value
            elif name == "options":
                for each in value:
                    yield f"{record['id']}.options.{each['value']}", each["label"]


def _plain(value: Any) -> Any:
    """The value with the text of the main language in place of each local text."""
    if isinstance(value, LocalText):
        return value.en
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
