"""Changes of a draft: each takes a draft, a pointer and a value, and returns the draft changed.

`EDITS` names them for the page. What a change leaves is a draft again, not always one that
visitors may see. They raise Invalid where there is nothing at the pointer.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from forms_targeting.attributes import Kind
from forms_targeting.content.block import block_kinds
from forms_targeting.content.blocks.field import WITH_OPTIONS
from forms_targeting.content.form_content import LANGUAGES
from forms_targeting.editor.defaults import (
    defaults_of_property,
    new_block,
    new_branch,
    new_option,
    new_step,
)
from forms_targeting.editor.draft_content import Draft
from forms_targeting.editor.positions import Position, no_such_place, position_at, resolve
from forms_targeting.editor.selection import LOOK, block_selection, step_selection
from forms_targeting.editor.translation import (
    change_main_language,
    copy_translations,
    drop_translations,
)
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.json_pointer import keys_of

ENTRY = 6
"""Keys of the pointer to an entry of a block's list: /steps/0/blocks/1/options/2."""


class EditResult(NamedTuple):
    """A draft after a change, and what to select: see `selection`; empty: as before."""

    draft: Draft
    selection: str = ""


def set_value(draft: Draft, at: str, value: Any) -> EditResult:
    """Put a value in the place of another; a translation may be new."""
    keys = keys_of(at)
    if len(keys) == 3 and keys[0] == "translations" and keys[1] in LANGUAGES:
        draft["translations"].setdefault(keys[1], {})[keys[2]] = value
        return EditResult(draft)
    if keys == ["language"]:
        if isinstance(value, str) and value in LANGUAGES:
            change_main_language(draft, value)
        return EditResult(draft)
    if not keys or keys[-1] in {"id", "type", "steps", "blocks", "translations"}:
        raise no_such_place(at)
    before = resolve(draft, at)
    holder = resolve(draft, at[: at.rindex("/")])
    if isinstance(holder, list):
        if len(keys) != ENTRY:
            raise no_such_place(at)
        holder[int(keys[-1])] = value
        return EditResult(draft)
    holder[keys[-1]] = value
    if keys[-1] == "value" and len(keys) == ENTRY + 1 and isinstance(before, str):
        _rename_option(draft, keys, before)
    if keys[-1] == "input" and value in WITH_OPTIONS and not holder.get("options"):
        holder["options"] = [option := new_option([]), new_option([option])]
    return EditResult(draft)


def _rename_option(draft: Draft, keys: list[str], before: str) -> None:
    """Carry along what refers to the value of an option: its label, translations, branches."""
    block = resolve(draft, "/" + "/".join(keys[:4]))
    option = block[keys[4]][int(keys[5])]
    after = option["value"]
    if not isinstance(after, str):
        return
    if option["label"] in ("", before):
        option["label"] = after
    prefix = f"{block['id']}.{keys[4]}"
    if before and after:
        copy_translations(draft, f"{prefix}.{before}", f"{prefix}.{after}")
        drop_translations(draft, f"{prefix}.{before}")
    for step in draft["steps"]:
        for branch in step["branches"]:
            if branch["field"] == block["id"] and branch["value"] == before:
                branch["value"] = after


def add_block(draft: Draft, at: str, value: Any) -> EditResult:
    """Add a block of the type `value` at a place, or at the end of the step at the pointer."""
    place = position_at(at)
    blocks = _step(draft, place)["blocks"]
    if not isinstance(value, str) or value not in block_kinds:
        raise Invalid(Problem(at, "invalid", _("There is no such kind of block.")))
    block = new_block(draft, value)
    blocks.insert(len(blocks) if place.block is None else place.block, block)
    return EditResult(draft, block_selection(block["id"]))


def add_step(draft: Draft, at: str, _value: Any) -> EditResult:
    """Add a step with a heading at a place."""
    step = new_step(draft)
    draft["steps"].insert(position_at(at).step, step)
    return EditResult(draft, step_selection(step["id"]))


def move(draft: Draft, at: str, value: Any) -> EditResult:
    """Move a block or a step to the place `value`, as places are before it."""
    source, target = position_at(at), position_at(value)
    if source.block is None:
        step = _step(draft, source)
        index = target.step - (target.step > source.step)
        draft["steps"].pop(source.step)
        draft["steps"].insert(min(index, len(draft["steps"])), step)
        return EditResult(draft, step_selection(step["id"]))
    block = _block(draft, source)
    blocks = _step(draft, target)["blocks"]
    index = len(blocks) if target.block is None else target.block
    if source.step == target.step and index > source.block:
        index -= 1
    _step(draft, source)["blocks"].pop(source.block)
    blocks.insert(min(index, len(blocks)), block)
    return EditResult(draft, block_selection(block["id"]))


def move_up(draft: Draft, at: str, _value: Any) -> EditResult:
    """Move a block before the one above, or to the end of the step before; a step likewise."""
    place = position_at(at)
    if place.block:
        return move(draft, at, Position(place.step, place.block - 1).pointer)
    if place.step == 0:
        return EditResult(draft)
    before = Position(place.step - 1)
    return move(draft, at, before.pointer)


def move_down(draft: Draft, at: str, _value: Any) -> EditResult:
    """Move a block behind the one below, or to the start of the next step; a step likewise."""
    place = position_at(at)
    is_last = place.step == len(draft["steps"]) - 1
    if place.block is None:
        return EditResult(draft) if is_last else move(draft, at, Position(place.step + 2).pointer)
    if place.block < len(_step(draft, place)["blocks"]) - 1:
        return move(draft, at, Position(place.step, place.block + 2).pointer)
    return EditResult(draft) if is_last else move(draft, at, Position(place.step + 1, 0).pointer)


def duplicate(draft: Draft, at: str, _value: Any) -> EditResult:
    """Add a copy behind a block or a step, with its translations."""
    place = position_at(at)
    if place.block is not None:
        copy = _copy_block(draft, _block(draft, place))
        _step(draft, place)["blocks"].insert(place.block + 1, copy)
        return EditResult(draft, block_selection(copy["id"]))
    source = _step(draft, place)
    step = new_step(draft)
    step["blocks"] = []
    draft["steps"].insert(place.step + 1, step)
    ids: dict[str, str] = {}
    for block in source["blocks"]:
        copy = _copy_block(draft, block)
        ids[block["id"]] = copy["id"]
        step["blocks"].append(copy)
    step["branches"] = [
        branch | {"field": ids.get(branch["field"], branch["field"])}
        for branch in source["branches"]
    ]
    return EditResult(draft, step_selection(step["id"]))


def _copy_block(draft: Draft, block: Draft) -> Draft:
    copy = deepcopy(block)
    copy["id"] = new_block(draft, block["type"])["id"]
    copy_translations(draft, block["id"], copy["id"])
    return copy


def remove(draft: Draft, at: str, _value: Any) -> EditResult:
    """Take a step, a block, a branch or an option away, and what refers to it."""
    keys = keys_of(at)
    if keys[0:1] != ["steps"] or len(keys) not in (2, 4, ENTRY):
        raise no_such_place(at)
    resolve(draft, at)
    holder = resolve(draft, at[: at.rindex("/")])
    if not isinstance(holder, list):
        raise no_such_place(at)
    part = holder.pop(int(keys[-1]))
    if len(keys) == 2:
        for block in part["blocks"]:
            _forget_block(draft, block)
        _keep_branches(draft, lambda branch: branch["step"] != part["id"])
        left = holder[max(int(keys[1]) - 1, 0) :][:1]
        return EditResult(draft, step_selection(left[0]["id"]) if left else LOOK)
    if keys[2] == "blocks" and len(keys) == 4:
        _forget_block(draft, part)
        left = holder[max(int(keys[3]) - 1, 0) :][:1]
        step = draft["steps"][int(keys[1])]
        selection = block_selection(left[0]["id"]) if left else step_selection(step["id"])
        return EditResult(draft, selection)
    if len(keys) == ENTRY and isinstance(part, dict):
        block = resolve(draft, "/" + "/".join(keys[:4]))
        drop_translations(draft, f"{block['id']}.{keys[4]}.{part['value']}")
    return EditResult(draft)


def _forget_block(draft: Draft, block: Draft) -> None:
    drop_translations(draft, block["id"])
    _keep_branches(draft, lambda branch: branch["field"] != block["id"])


def _keep_branches(draft: Draft, is_right: Callable[[dict[str, str]], bool]) -> None:
    for step in draft["steps"]:
        step["branches"] = [branch for branch in step["branches"] if is_right(branch)]


def append(draft: Draft, at: str, _value: Any) -> EditResult:
    """Add an entry to the list at a pointer: an option, a text, or a branch of a step."""
    entries = resolve(draft, at)
    if not isinstance(entries, list):
        raise no_such_place(at)
    keys = keys_of(at)
    if keys[-1] == "branches" and len(keys) == 3:
        entries.append(new_branch(draft, int(keys[1])))
    elif len(keys) == ENTRY - 1:
        block = resolve(draft, "/" + "/".join(keys[:4]))
        kinds = {each.name: each.kind for each in block_kinds[block["type"]].attributes}
        is_option = kinds.get(keys[4]) is Kind.OPTIONS
        entries.append(new_option(entries) if is_option else "")
    else:
        raise no_such_place(at)
    return EditResult(draft)


def _step(draft: Draft, place: Position) -> Draft:
    if place.step >= len(draft["steps"]):
        raise no_such_place(place.pointer)
    step: Draft = draft["steps"][place.step]
    return step


def _block(draft: Draft, place: Position) -> Draft:
    blocks = _step(draft, place)["blocks"]
    if place.block is None or place.block >= len(blocks):
        raise no_such_place(place.pointer)
    block: Draft = blocks[place.block]
    return block


def choose_property(draft: Draft, at: str, value: Any) -> EditResult:
    """Bind an input to a property, with the kind of input and the label that fit it."""
    set_value(draft, at, value)
    block = resolve(draft, at[: at.rindex("/")])
    if isinstance(block, dict) and block.get("type") == "field" and isinstance(value, str):
        block |= defaults_of_property(block, value)
    return EditResult(draft)


EDITS: dict[str, Callable[[Draft, str, Any], EditResult]] = {
    "set": set_value,
    "add-block": add_block,
    "add-step": add_step,
    "append": append,
    "move": move,
    "property": choose_property,
    "up": move_up,
    "down": move_down,
    "duplicate": duplicate,
    "remove": remove,
}
