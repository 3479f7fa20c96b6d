"""The regions of an overlap as an UpSet picture: a bar for each region, over dots for its segments.

Lex et al., "UpSet: Visualization of Intersecting Sets", IEEE TVCG 20(12), 2014. Computes places;
`templates/segments/compare/_upset.html` draws them. All coordinates are texts for the SVG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import localize
from django.utils.translation import gettext, ngettext

from segments.compare.overlap import MemberSets, Region, SegmentState
from segments.definition.words import either, every

MOST_COLUMNS = 24
"""Regions in the picture, the largest; the table has all."""
COLUMN = 46
ROW = 28
BAR_HEIGHT = 130
ROOM_ABOVE = 20
"""For the count over the tallest bar."""
DOT = 6


@dataclass(frozen=True)
class UpsetColumn:
    x: str
    """The middle."""
    bar_x: str
    bar_y: str
    bar_height: str
    text_y: str
    count: int
    title: str
    dots: tuple[tuple[str, bool], ...]
    """The place of each segment's dot, and whether the region is inside it."""
    line: tuple[str, str] | None
    """From the first to the last dot inside, if there are several."""


@dataclass(frozen=True)
class Upset:
    """The template's data."""

    width: int
    height: int
    bar_width: int
    rows: tuple[tuple[str, SegmentState], ...]
    """The upper edge of each row and its segment."""
    columns: tuple[UpsetColumn, ...]
    row_height: int
    radius: int
    bottom: str
    """Where the bars end."""
    more: int
    """Regions that are only in the table."""
    summary: str


def region_title(region: Region) -> str:
    """Where the people of a region are, in words."""
    names = [segment.name for segment in region.inside]
    if not names:
        return gettext("In none of them")
    if not region.outside:
        return gettext("In %(inside)s") % {"inside": every(names)}
    return gettext("Only in %(inside)s") % {"inside": every(names)}


def upset(sets: MemberSets) -> Upset:
    """Lay out the regions that are inside a segment, the largest first."""
    regions = [region for region in sets.regions if region.inside]
    columns = regions[:MOST_COLUMNS]
    most = max((region.count for region in columns), default=1)
    floor = ROOM_ABOVE + BAR_HEIGHT
    return Upset(
        width=COLUMN * max(len(columns), 1),
        height=floor + ROW * len(sets.segments) + ROW // 2,
        bar_width=COLUMN * 3 // 5,
        rows=tuple(
            (str(floor + ROW // 2 + ROW * i), segment) for i, segment in enumerate(sets.segments)
        ),
        columns=tuple(_column(sets, region, i, most) for i, region in enumerate(columns)),
        row_height=ROW,
        radius=DOT,
        bottom=str(floor),
        more=len(regions) - len(columns),
        summary=_summary(sets, columns),
    )


def _column(sets: MemberSets, region: Region, number: int, most: int) -> UpsetColumn:
    middle = COLUMN * number + COLUMN // 2
    floor = ROOM_ABOVE + BAR_HEIGHT
    height = max(round(BAR_HEIGHT * region.count / most), 1)
    places = [floor + ROW + ROW * i for i in range(len(sets.segments))]
    inside = [segment in region.inside for segment in sets.segments]
    ends = [str(place) for place, is_in in zip(places, inside, strict=True) if is_in]
    return UpsetColumn(
        x=str(middle),
        bar_x=str(middle - COLUMN * 3 // 10),
        bar_y=str(floor - height),
        bar_height=str(height),
        text_y=str(floor - height - 6),
        count=region.count,
        title=_slot_title(region),
        dots=tuple(zip(map(str, places), inside, strict=True)),
        line=(ends[0], ends[-1]) if len(ends) > 1 else None,
    )


def _slot_title(region: Region) -> str:
    text = ngettext("%(where)s: %(n)s person", "%(where)s: %(n)s people", region.count)
    return text % {"where": region_title(region), "n": localize(region.count)}


def _summary(sets: MemberSets, columns: Sequence[Region]) -> str:
    names = either([segment.name for segment in sets.segments])
    text = ngettext(
        "%(n)s person is in %(names)s. The table has all figures.",
        "%(n)s people are in %(names)s. The table has all figures.",
        sets.union,
    ) % {"n": localize(sets.union), "names": names}
    return f"{text} {'; '.join(map(_slot_title, columns[:3]))}" if columns else text
