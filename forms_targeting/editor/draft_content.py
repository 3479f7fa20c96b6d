"""A form's content while it is being edited: it may lack what visitors need, never its shape.

`read_draft` is what the editor's pages read with: whatever it returns can be edited and drawn.
Whether visitors may see it is for `read_content` to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.content.block import block_kinds
from forms_targeting.content.form_content import LANGUAGES, STYLE, read_content, write_content
from forms_targeting.editor.positions import BRANCH
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.storable_text import is_storable

MOST_CHARACTERS = 300_000
MOST_STEPS, MOST_BLOCKS, MOST_ENTRIES = 40, 100, 200
"""More than a form may have: what is too much is a problem to correct, not one to refuse."""
MOST_TEXT = 10_000
_LISTS = {Kind.TEXTS, Kind.SEGMENTS, Kind.LISTS}

Draft = dict[str, Any]


def read_draft(text: str) -> Draft:
    """Return the draft in a JSON text. Raises Invalid for what no editor's page could send."""
    if len(text) > MOST_CHARACTERS:
        raise Invalid(Problem("", "too_large", _("This form is too large.")))
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    return draft_of(record)


def draft_of(record: Any) -> Draft:
    """Return a draft with what can be edited of a JSON value; the rest is left out."""
    if not isinstance(record, Mapping):
        raise Invalid(Problem("", "invalid", _("This is no form.")))
    style = record.get("style")
    return {
        "kind": _text(record.get("kind")),
        "language": _text(record.get("language")) or "en",
        "style": _values(STYLE, style if isinstance(style, Mapping) else {}),
        "steps": [_step(each) for each in _records(record.get("steps"), MOST_STEPS)],
        "translations": _translations(record.get("translations")),
    }


def problems_of(draft: Draft) -> tuple[Problem, ...]:
    """Return what keeps visitors from seeing a draft; nothing if it can be saved."""
    try:
        read_content(draft)
    except Invalid as error:
        return error.problems
    return ()


def valid_draft(draft: Draft) -> Draft:
    """Return a draft as it is stored. Raises Invalid."""
    return write_content(read_content(draft))


def _step(record: Mapping[str, Any]) -> Draft:
    blocks = [
        each
        for each in _records(record.get("blocks"), MOST_BLOCKS)
        if isinstance(each.get("type"), str) and each["type"] in block_kinds
    ]
    return {
        "id": _text(record.get("id")),
        "blocks": [_block(each) for each in blocks],
        "branches": [
            {name: _text(each.get(name)) for name in BRANCH}
            for each in _records(record.get("branches"), MOST_ENTRIES)
        ],
    }


def _block(record: Mapping[str, Any]) -> Draft:
    values = _values(block_kinds[record["type"]].attributes, record)
    return {"id": _text(record.get("id")), "type": record["type"], **values}


def _values(attributes: Iterable[Attribute], record: Mapping[str, Any]) -> Draft:
    """The value of each attribute: what can be shown in its input, else its empty value."""
    values: Draft = {}
    for attribute in attributes:
        value = record.get(attribute.name)
        if attribute.kind is Kind.OPTIONS:
            values[attribute.name] = [
                {name: _text(each.get(name)) for name in ("value", "label")}
                for each in _records(value, MOST_ENTRIES)
            ]
        elif attribute.kind in _LISTS:
            texts = value if isinstance(value, list) else []
            values[attribute.name] = [_text(each) for each in texts[:MOST_ENTRIES]]
        else:
            is_right = _FITS.get(attribute.kind, _is_text)
            values[attribute.name] = value if is_right(value) else attribute.empty
    return values


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT and is_storable(value)


def _is_number(value: Any) -> bool:
    """A number, or what somebody typed in its place: `read_content` names the mistake."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (is_number and abs(value) < 1e9) or _is_text(value)


_FITS: Mapping[Kind, Callable[[Any], bool]] = {
    Kind.FLAG: lambda value: isinstance(value, bool),
    Kind.NUMBER: _is_number,
}


def _translations(record: Any) -> dict[str, dict[str, str]]:
    """Texts of languages that there are; empty ones are left out."""
    if not isinstance(record, Mapping):
        return {}
    translations: dict[str, dict[str, str]] = {}
    for language in sorted(LANGUAGES & set(record)):
        texts = record[language]
        if isinstance(texts, Mapping):
            pairs = ((name, _text(text)) for name, text in texts.items() if is_storable(name))
            kept_texts = {name: text for name, text in pairs if text}
            if kept_texts:
                translations[language] = kept_texts
    return translations


def _records(value: Any, most: int) -> list[Mapping[str, Any]]:
    entries = value if isinstance(value, list) else []
    if len(entries) > most:
        raise Invalid(Problem("", "too_many", _("This form is too large.")))
    return [each for each in entries if isinstance(each, Mapping)]


def _text(value: Any) -> str:
    return value if _is_text(value) else ""
