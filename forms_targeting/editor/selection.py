"""What the editor shows the settings of: the look, a step, a block, or a language's texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forms_targeting.content.form_content import LANGUAGES
from forms_targeting.editor.positions import Position, find_block, find_step

LOOK = "look"


def step_selection(id_: str) -> str:
    return f"step:{id_}"


def block_selection(id_: str) -> str:
    return f"block:{id_}"


@dataclass(frozen=True)
class Selection:
    """A part of a draft. `place` is that of a step or a block."""

    name: str
    """`look`, `step:<id>`, `block:<id>` or `language:<code>`."""
    place: Position | None = None
    language: str = ""


def selection_of(draft: dict[str, Any], name: str) -> Selection:
    """Return the part with a name; the first block where the draft has none of that name."""
    what, _colon, id_ = name.partition(":")
    if what == "language" and id_ in LANGUAGES and id_ != draft["language"]:
        return Selection(name, language=id_)
    find = {"block": find_block, "step": find_step}.get(what)
    place = find(draft, id_) if find else None
    if place is not None:
        return Selection(name, place)
    first = next((block for step in draft["steps"] for block in step["blocks"]), None)
    if name == LOOK or first is None:
        return Selection(LOOK)
    return Selection(block_selection(first["id"]), find_block(draft, first["id"]))
