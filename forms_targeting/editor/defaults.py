"""What new blocks, steps, options and branches begin with: something that can be saved as it is.

Blocks come from their declarations; a required text begins with the name of its kind.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from django.utils.translation import gettext as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.content.block import block_kinds
from forms_targeting.content.blocks.field import (
    FIELDS,
    FIXED_INPUTS,
    NOT_FOR_FIELDS,
    PREFIX,
)
from forms_targeting.editor.draft_content import Draft
from forms_targeting.editor.positions import blocks_of


def new_block(draft: Draft, type_: str) -> Draft:
    """Return a block of a kind with an id that the draft does not have."""
    kind = block_kinds[type_]
    ids = {block["id"] for _place, block in blocks_of(draft)}
    values = {attribute.name: _start(attribute, str(kind.label)) for attribute in kind.attributes}
    if type_ == "field":
        values |= _new_input(draft)
    return {"id": _free_id(type_, ids), "type": type_, **values}


def new_step(draft: Draft) -> Draft:
    ids = {step["id"] for step in draft["steps"]}
    return {
        "id": _free_id("step", ids),
        "blocks": [new_block(draft, "heading")],
        "branches": [],
    }


def new_option(entries: list[Any]) -> dict[str, str]:
    """Return an option whose value the others do not have."""
    values = {entry.get("value") for entry in entries if isinstance(entry, dict)}
    for number in count(len(entries) + 1):
        value = _("Option %(number)d") % {"number": number}
        if value not in values:
            return {"value": value, "label": value}
    raise AssertionError("numbers do not end")


def new_branch(draft: Draft, step: int) -> dict[str, str]:
    """Return a branch by the nearest input before the end of a step, to the last step."""
    inputs = [
        block
        for place, block in blocks_of(draft)
        if place.step <= step and block["type"] == "field"
    ]
    steps = [each["id"] for number, each in enumerate(draft["steps"]) if number != step]
    values = [option["value"] for option in inputs[-1]["options"]] if inputs else []
    return {
        "field": inputs[-1]["id"] if inputs else "",
        "value": values[0] if values else "",
        "step": steps[-1] if steps else "",
    }


def defaults_of_property(block: Draft, name: str) -> Draft:
    """Return what else changes where an input is bound to another property: its kind."""
    fixed = FIXED_INPUTS.get(name)
    if fixed is not None:
        return {"input": fixed}
    is_free = block["input"] not in FIXED_INPUTS.values()
    suits = name.startswith(PREFIX) or block["input"] not in NOT_FOR_FIELDS
    return {} if is_free and suits else {"input": "text"}


def _start(attribute: Attribute, label: str) -> Any:
    if attribute.required and attribute.kind in {Kind.TEXT, Kind.LONG_TEXT}:
        return label
    return attribute.empty


def _new_input(draft: Draft) -> Draft:
    """An input for the e-mail address, or else for a property that no other input has."""
    names = {block["property"] for _place, block in blocks_of(draft) if "property" in block}
    if "email" not in names:
        return {"property": "email", "input": "email", "label": _("E-mail address")}
    for name, label in (("first_name", _("First name")), ("last_name", _("Last name"))):
        if name in FIELDS and name not in names:
            return {"property": name, "input": "text", "label": label}
    for number in count(1):
        question = _("Question %(number)d") % {"number": number}
        if PREFIX + question not in names:
            return {"property": PREFIX + question, "input": "text", "label": question}
    raise AssertionError("numbers do not end")


def _free_id(type_: str, ids: set[str]) -> str:
    return next(id_ for number in count(1) if (id_ := f"{type_}-{number}") not in ids)
