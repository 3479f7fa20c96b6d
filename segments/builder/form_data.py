"""What the builder's form sent, as a tree: its names are JSON pointers with dashes for slashes.

Knows nothing of definitions. A name that ends in `!` carries a mark: how nothing, or a bare text,
is to be understood at that place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MARK = "!"
_MOST_STEPS = 200
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")


@dataclass
class Sent:
    """What was sent for one place: its own text, its mark, and what lies below."""

    text: str = ""
    mark: str = ""
    parts: dict[str, Sent] = field(default_factory=dict)

    def part(self, name: str) -> Sent:
        """What lies below under a name; nothing if nothing was sent."""
        return self.parts.get(name) or Sent()

    @property
    def items(self) -> list[Sent]:
        """The numbered parts, in the order of their numbers."""
        numbered = [name for name in self.parts if _NUMBER.fullmatch(name)]
        return [self.parts[name] for name in sorted(numbered, key=int)]

    def __bool__(self) -> bool:
        return bool(self.text or self.mark or self.parts)


def form_name(pointer: str) -> str:
    """The name in the form of the place that a JSON pointer leads to."""
    return pointer[1:].replace("/", "-")


def parse(data: Mapping[str, str], root: str) -> Sent:
    """Sort what a form sent under `root` into a tree. Names that are no paths are passed over."""
    top = Sent()
    for key, text in data.items():
        name = key.removesuffix(MARK)
        steps = name.split("-")
        if steps[0] != root or not all(steps) or len(steps) > _MOST_STEPS:
            continue
        place = top
        for step in steps:
            place = place.parts.setdefault(step, Sent())
        if key == name:
            place.text = text.replace("\0", "")
        else:
            place.mark = text
    return top
