"""What the builder's form sent, as a tree: its names are JSON pointers with dashes for slashes.

Knows nothing of definitions. A name that ends in `!` carries a mark: how nothing, or a bare text,
is to be understood at that place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext

from segmenter.kernel.errors import Invalid, Problem

MARK = "!"
MOST_STEPS = 100
"""Steps in a name: what the deepest definition that can be saved needs is below."""
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")


@dataclass
class FormNode:
    """What was sent for one place: its own text, its mark, and what lies below."""

    text: str = ""
    mark: str = ""
    parts: dict[str, FormNode] = field(default_factory=dict)

    def part(self, name: str) -> FormNode:
        """What lies below under a name; nothing if nothing was sent."""
        return self.parts.get(name) or FormNode()

    @property
    def items(self) -> list[FormNode]:
        """The numbered parts, in the order of their numbers."""
        numbered = [name for name in self.parts if _NUMBER.fullmatch(name)]
        return [self.parts[name] for name in sorted(numbered, key=int)]

    def __bool__(self) -> bool:
        return bool(self.text or self.mark or self.parts)


def form_name(pointer: str) -> str:
    """The name in the form of the place that a JSON pointer leads to."""
    return pointer[1:].replace("/", "-")


def parse(data: Mapping[str, str], root: str) -> FormNode:
    """Sort what a form sent under `root` into a tree. Names that are no paths are passed over.

    Raises Invalid for a name with more than MOST_STEPS steps.
    """
    top = FormNode()
    for key, text in data.items():
        name = key.removesuffix(MARK)
        steps = name.split("-")
        if steps[0] != root or not all(steps):
            continue
        if len(steps) > MOST_STEPS:
            raise Invalid(Problem("", "too_deep", gettext("This is nested too deep.")))
        place = top
        for step in steps:
            place = place.parts.setdefault(step, FormNode())
        if key == name:
            place.text = text.replace("\0", "")
        else:
            place.mark = text
    return top
