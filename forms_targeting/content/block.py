"""Blocks, of which the steps of a form consist. One file of `blocks/` declares each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms_targeting.attributes import Attribute, Words, read_values
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.registry import Registry

Check = Callable[[Mapping[str, Any], str], Sequence[Problem]]
"""(values, pointer) -> what is wrong with the values together."""


@dataclass(frozen=True)
class BlockKind:
    """A kind of block: the words and attributes that its blocks have."""

    label: Words
    icon: str
    """Name of an icon in `templates/_icon.html`."""
    attributes: tuple[Attribute, ...]
    rank: int
    """Order in the editor's menu; smaller is higher."""
    check: Check = lambda _values, _pointer: ()


block_kinds: Registry[BlockKind] = Registry("kind of blocks")


@dataclass(frozen=True)
class FormBlock:
    """One block: its id is unique in the form and stays when the block moves."""

    id: str
    type: str
    values: Mapping[str, Any]

    @property
    def kind(self) -> BlockKind:
        return block_kinds[self.type]


def read_block_values(type_: str, record: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """Return the values of a block of a known type. Raises Invalid with all problems."""
    kind = block_kinds[type_]
    values = read_values(kind.attributes, record, pointer)
    problems = tuple(kind.check(values, pointer))
    if problems:
        raise Invalid(*problems)
    return values
