"""Positions in a draft: JSON pointers of its steps and blocks, and what lies there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.json_pointer import keys_of

BRANCH = ("field", "value", "step")


@dataclass(frozen=True)
class Position:
    """The position of a step, or of a block in it: `block` is None for the step itself."""

    step: int
    block: int | None = None

    @property
    def pointer(self) -> str:
        return f"/steps/{self.step}" + ("" if self.block is None else f"/blocks/{self.block}")


def position_at(pointer: Any) -> Position:
    """Return what a pointer such as `/steps/1` or `/steps/1/blocks/2` names. Raises Invalid."""
    keys = keys_of(pointer) if isinstance(pointer, str) else []
    numbers = [int(key) if _is_index(key) else -1 for key in keys[1::2]]
    names = keys[0::2]
    is_place = names in (["steps"], ["steps", "blocks"]) and len(numbers) == len(names)
    if is_place and min(numbers) >= 0:
        return Position(*numbers)
    raise no_such_place(str(pointer))


def resolve(draft: Any, pointer: str) -> Any:
    """Return what lies at a pointer. Raises Invalid where nothing does."""
    value = draft
    for key in keys_of(pointer):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and _is_index(key) and int(key) < len(value):
            value = value[int(key)]
        else:
            raise no_such_place(pointer)
    return value


def find_block(draft: dict[str, Any], id_: str) -> Position | None:
    """Return the place of the block with an id."""
    return next((place for place, block in blocks_of(draft) if block["id"] == id_), None)


def find_step(draft: dict[str, Any], id_: str) -> Position | None:
    ids = [step["id"] for step in draft["steps"]]
    return Position(ids.index(id_)) if id_ in ids else None


def blocks_of(draft: dict[str, Any]) -> Iterator[tuple[Position, dict[str, Any]]]:
    """Each block with its place, in the order of the form."""
    for number, step in enumerate(draft["steps"]):
        for index, block in enumerate(step["blocks"]):
            yield Position(number, index), block


def no_such_place(pointer: str) -> Invalid:
    return Invalid(Problem(pointer, "not_found", "There is nothing at this place."))


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) < 6
