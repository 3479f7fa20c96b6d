"""The list of a draft's steps and blocks at the left of the editor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from forms_targeting.attributes import Kind
from forms_targeting.content.block import BlockKind, block_kinds
from forms_targeting.editor.draft_content import Draft
from forms_targeting.editor.positions import Position
from forms_targeting.editor.selection import Selection, block_selection, step_selection
from segmenter.kernel.errors import Problem


@dataclass(frozen=True)
class OutlineBlock:
    id: str
    pointer: str
    selection: str
    kind: BlockKind
    summary: str
    is_selected: bool
    has_problem: bool


@dataclass(frozen=True)
class OutlineStep:
    id: str
    pointer: str
    selection: str
    title: str
    blocks: tuple[OutlineBlock, ...]
    branches: int
    is_selected: bool
    has_problem: bool


def outline_of(
    draft: Draft, selection: Selection, problems: tuple[Problem, ...]
) -> list[OutlineStep]:
    """Return the steps with their blocks, in order."""
    return [
        OutlineStep(
            step["id"],
            Position(number).pointer,
            step_selection(step["id"]),
            step_title(number),
            tuple(
                _block(block, Position(number, index), selection, problems)
                for index, block in enumerate(step["blocks"])
            ),
            len(step["branches"]),
            selection.place == Position(number),
            _has_problem(f"/steps/{number}/branches", problems)
            or any(problem.pointer == f"/steps/{number}/blocks" for problem in problems),
        )
        for number, step in enumerate(draft["steps"])
    ]


def step_title(number: int) -> str:
    return _("Step %(number)d") % {"number": number + 1}


def summary_of(block: Mapping[str, Any]) -> str:
    """Return the words by which a block is known: its first text, else its kind."""
    kind = block_kinds[block["type"]]
    texts = (
        block[attribute.name].strip()
        for attribute in (*_translating(kind), *kind.attributes)
        if attribute.kind in {Kind.TEXT, Kind.LONG_TEXT, Kind.PROPERTY, Kind.URL, Kind.IMAGE}
        and attribute.matters(block)
    )
    return next((text[:80] for text in texts if text), "") or str(kind.label)


def _translating(kind: BlockKind) -> list[Any]:
    return [attribute for attribute in kind.attributes if attribute.translates]


def _block(
    block: Mapping[str, Any], place: Position, selection: Selection, problems: tuple[Problem, ...]
) -> OutlineBlock:
    return OutlineBlock(
        block["id"],
        place.pointer,
        block_selection(block["id"]),
        block_kinds[block["type"]],
        summary_of(block),
        selection.place == place,
        _has_problem(place.pointer, problems),
    )


def _has_problem(pointer: str, problems: tuple[Problem, ...]) -> bool:
    return any(
        problem.pointer == pointer or problem.pointer.startswith(f"{pointer}/")
        for problem in problems
    )
