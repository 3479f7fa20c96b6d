"""Queries of the segments' pages: members, definitions in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from profiles.columns.population import UnknownKey
from profiles.models import Profile
from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.tree import All, Any, Condition, Node, Not, Unsupported, children
from segments.engine.preview import preview
from segments.engine.queries import Inventory
from segments.models import Membership, Segment


def members_of(segment: Segment, people: QuerySet[Profile] | None = None) -> QuerySet[Membership]:
    """The members of a segment (of these people), each with their profile."""
    members = Membership.objects.filter(account=segment.account_id, segment=segment)
    if people is not None:
        members = members.filter(profile__in=people)
    return members.select_related("profile")


# --- definitions in words ------------------------------------------------------------------------


@dataclass(frozen=True)
class DefinitionText:
    """A definition as a sentence and a tree; `error` says why it has neither."""

    sentence: str = ""
    tree: DefinitionLine | None = None
    error: str = ""


@dataclass(frozen=True)
class DefinitionLine:
    """One node of the tree in words, with how many people match it by itself now."""

    kind: str
    """condition, not, any or all."""
    words: str
    count: int | None
    below: tuple[DefinitionLine, ...]


def definition_text(segment: Segment, at: datetime) -> DefinitionText:
    """A segment's definition in words, with counts of everyone at `at`."""
    inventory = Inventory(segment.account)
    try:
        tree = decode(segment.definition)
    except Invalid as error:
        return DefinitionText(error=str(error))
    try:
        counts = preview(segment.account, tree, at, members=0).nodes
    except (UnknownKey, Unsupported):
        counts = {}

    def line(node: Node, pointer: str) -> DefinitionLine:
        below = tuple(line(child, pointer + step) for step, child in children(node))
        if isinstance(node, All | Any) and len(below) == 1:
            return below[0]
        words = node.sentence(inventory) if isinstance(node, Condition) else ""
        return DefinitionLine(
            _KINDS[type(node)] if not words else "condition", words, counts.get(pointer), below
        )

    return DefinitionText(describe(tree, inventory), line(tree, ""))


_KINDS = {All: "all", Any: "any", Not: "not"}
