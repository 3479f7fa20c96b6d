"""What a kind may declare for the builder, and the defaults for a kind that declares nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from segmenter.kernel.errors import Problem
from segmenter.kernel.registry import Registry
from segments.builder.offers import Offer
from segments.builder.quartiles import Quartiles, Range
from segments.definition.tree import Condition, kinds


class BuilderKind:
    """One condition kind in the builder. Each kind overrides only what differs."""

    start: ClassVar[Mapping[str, Any]] = {}
    """Fields of a new condition, where that is more than the declarations say."""
    is_common: ClassVar[bool] = False
    """Whether the kind is suggested before the others."""
    rank: ClassVar[int] = 0
    """The place of the kind among those that are alike in this, from 1; 0 is after them."""

    def offer(self, partial: Mapping[str, Any]) -> Offer:
        """What a condition offers, given as far as it goes."""
        return Offer()

    def problems(self, condition: Condition) -> Iterator[Problem]:
        """What the builder refuses though a definition may say it; pointers below the condition."""
        return iter(())

    def typical_numbers(
        self, partial: Mapping[str, Any], pointer: str, quartiles: Quartiles
    ) -> Range | None:
        """A low and a high number to begin with in the number filter at a pointer, if any."""
        return None


builder_kinds: Registry[BuilderKind] = Registry("builder kind")

B = TypeVar("B", bound=type[BuilderKind])


def builder_kind(name: str) -> Callable[[B], B]:
    """Register what the condition kind of this name needs in the builder."""

    def register(cls: B) -> B:
        builder_kinds.add(name, cls())
        return cls

    return register


def builder_kind_of(name: Any) -> BuilderKind:
    """What a condition kind needs in the builder; the defaults for one that says nothing."""
    known = isinstance(name, str) and name in builder_kinds
    return builder_kinds[name] if known else BuilderKind()


def kinds_by_use() -> list[str]:
    """The condition kinds that can be chosen, the most used first."""
    supported = [name for name, cls in kinds.items() if not cls.unsupported]
    asks = {name: builder_kind_of(name) for name in supported}
    return sorted(supported, key=lambda n: (not asks[n].is_common, asks[n].rank or len(kinds)))


def mapping_at(value: Any) -> Mapping[str, Any]:
    """A value of a partial condition as an object; an empty one if it is none."""
    return value if isinstance(value, Mapping) else {}


def mappings_at(value: Any) -> list[Mapping[str, Any]]:
    """A value of a partial condition as a list of objects; an empty one if it is none."""
    return [mapping_at(item) for item in value] if isinstance(value, list) else []
