"""What a kind may declare for the builder, and the defaults for a kind that declares nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from django.utils.translation import gettext

from profiles import facts
from profiles.facts import FactKey, FactKind
from segmenter.kernel.errors import Problem
from segmenter.kernel.registry import Registry
from segments.builder.offers import Offer
from segments.definition.tree import Condition
from segments.definition.words import property_label


class BuilderKind:
    """One condition kind in the builder. Each kind overrides only what differs."""

    start: ClassVar[Mapping[str, Any]] = {}
    """Fields of a new condition, where that is more than the declarations say."""
    is_common: ClassVar[bool] = False
    """Whether the kind is suggested before the others."""

    def offer(self, partial: Mapping[str, Any]) -> Offer:
        """What a condition offers, given as far as it goes."""
        return Offer()

    def problems(self, condition: Condition) -> Iterator[Problem]:
        """What the builder refuses though a definition may say it; pointers below the condition."""
        return iter(())

    def fact_label(self, fact: FactKey) -> str:
        """What a fact that the condition reads is called after "have no"; empty to leave it out."""
        if fact == facts.PLACE:
            return gettext("known place")
        is_custom = fact.kind == FactKind.PROPERTY
        return property_label(fact.name, custom=is_custom) if fact.name else ""


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


def mapping_at(value: Any) -> Mapping[str, Any]:
    """A value of a partial condition as an object; an empty one if it is none."""
    return value if isinstance(value, Mapping) else {}


def mappings_at(value: Any) -> list[Mapping[str, Any]]:
    """A value of a partial condition as a list of objects; an empty one if it is none."""
    return [mapping_at(item) for item in value] if isinstance(value, list) else []
