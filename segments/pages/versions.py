"""The versions of a segment: who made them, what they changed, how many people they had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Q, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.difference import Line, difference_lines
from segments.engine.queries import Inventory
from segments.models import Build, MembershipChange, Segment, SegmentVersion

FEW = 10
MOST = 200
"""Versions on the page of all of them."""
"""Versions that the page shows before somebody asks for all."""


@dataclass(frozen=True)
class VersionRow:
    """A version, and what it changed of the one before."""

    version: SegmentVersion
    lines: tuple[Line, ...]
    note: str
    """What is to be said instead of lines."""
    size: int | None
    """Its members when its first build was done; None if that is not known."""


def version_rows(segment: Segment, *, limit: int | None = FEW) -> list[VersionRow]:
    """The latest versions, newest first."""
    rows = segment.versions.select_related("user").order_by("-number")
    versions = list(rows[: limit + 1] if limit else rows)
    inventory = Inventory(segment.account)
    latest = versions[:limit] if limit else versions
    sizes = _sizes(segment, latest)
    before: list[SegmentVersion | None] = [*versions[1:], None]
    return [
        _row(version, earlier, inventory, sizes.get(version.number))
        for version, earlier in zip(latest, before, strict=False)
    ]


def _row(
    version: SegmentVersion,
    earlier: SegmentVersion | None,
    inventory: Inventory,
    size: int | None,
) -> VersionRow:
    if earlier is None:
        note = gettext("The first version.") if version.number == 1 else ""
        return VersionRow(version, (), note, size)
    lines, note = lines_between(earlier.definition, version.definition, inventory)
    return VersionRow(version, lines, note, size)


def lines_between(before: Any, after: Any, inventory: Inventory) -> tuple[tuple[Line, ...], str]:
    """The differences of two definitions in words, and what is to be said if there are none."""
    try:
        lines = difference_lines(decode(before), decode(after), inventory)
    except Invalid:
        return (), gettext("One of the two definitions cannot be read.")
    if lines:
        return tuple(lines), ""
    if before == after:
        return (), gettext("No difference.")
    return (), gettext("Only the order of the conditions is different.")


def _sizes(segment: Segment, versions: Sequence[SegmentVersion]) -> dict[int, int]:
    """The number of members at the end of the first build of each version, by its number.

    Worked out backwards from the present size by the ledger, in one query for all.
    """
    builds = Build.objects.filter(
        segment=segment, finished__isnull=False, error="", version__in=[v.number for v in versions]
    )
    ends: dict[int, datetime] = {}
    for number, finished in builds.order_by("finished").values_list("version", "finished"):
        if finished is not None:
            ends.setdefault(number, finished)
    if not ends:
        return {}
    way = Case(When(entered=True, then=1), default=-1)
    net = {
        f"since_{number}": Coalesce(Sum(way, filter=Q(at__gt=end)), 0)
        for number, end in ends.items()
    }
    rows = MembershipChange.objects.filter(segment=segment, at__gt=min(ends.values()))
    totals = rows.aggregate(**net)
    size = Segment.objects.values_list("size", flat=True).get(pk=segment.pk)
    return {number: size - totals[f"since_{number}"] for number in ends}


def version_of(segment: Segment, number: str) -> SegmentVersion | None:
    """A version by its number."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    return segment.versions.select_related("user").filter(number=int(number)).first()


def sentence_of(definition: Any, inventory: Inventory) -> str:
    """A definition in words."""
    try:
        return describe(decode(definition), inventory)
    except Invalid:
        return gettext("A definition that cannot be read.")
