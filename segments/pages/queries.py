"""Queries of the segments' pages: segments, members, versions, definitions in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from profiles.columns.population import UnknownKey
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.tree import All, Any, Condition, Node, Not, Unsupported, children
from segments.engine.preview import preview
from segments.engine.queries import Inventory, segments_of
from segments.models import Membership, Segment, SegmentVersion, Tag


def find_segments(
    account: Account, *, words: str = "", tag: str = "", starred: bool = False
) -> QuerySet[Segment]:
    """Segments whose name contains the words, with their tags."""
    segments = segments_of(account).prefetch_related("tags")
    if words:
        segments = segments.filter(name__icontains=words)
    if tag:
        segments = segments.filter(tags__key=tag)
    return segments.filter(is_starred=True) if starred else segments


def tags_of(account: Account) -> QuerySet[Tag]:
    """The account's tags by name, each with `used`, the number of its segments."""
    return Tag.objects.filter(account=account).annotate(used=Count("segments")).order_by("name")


def members_of(segment: Segment, people: QuerySet[Profile] | None = None) -> QuerySet[Membership]:
    """The members of a segment (of these people), each with their profile."""
    members = Membership.objects.filter(account=segment.account_id, segment=segment)
    if people is not None:
        members = members.filter(profile__in=people)
    return members.select_related("profile")


def versions_of(segment: Segment) -> QuerySet[SegmentVersion]:
    """All versions, newest first, with their authors."""
    return segment.versions.select_related("user").order_by("-number")


def version_of(segment: Segment, number: str) -> SegmentVersion | None:
    """A version by its number."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    return segment.versions.filter(number=int(number)).first()


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
