"""The pages that compare segments: how several overlap, and the people of each region."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from predictions.pages.wording import percent
from profiles.columns.population import UnknownKey
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.list_page import search_words
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid, NotFound
from segments.compare.overlap import MOST_SEGMENTS, PairOverlap, Region, SegmentState, read_members
from segments.compare.people_page import ids_of
from segments.compare.reach import reach_cells, reach_of_segments
from segments.compare.region_people import people_of_region, region_definition, region_name
from segments.compare.upset import region_title, upset
from segments.engine.queries import segments_of
from segments.engine.watermark import watermark
from segments.models import Segment
from segments.page import may_write, segment_context, segment_or_404

MOST_OFFERED = 60
"""Segments that can be chosen at once; a search finds the others."""


# --- how segments overlap ------------------------------------------------------------------------


@require_GET
@page()
def compare(request: SeatRequest) -> HttpResponse:
    """The overlap of the segments `s`: a picture, every region, every pair."""
    keys = request.GET.getlist("s")
    return render(request, "segments/compare/page.html", _overlap(request, keys))


@require_GET
@page()
def overlap(request: SeatRequest, key: str) -> HttpResponse:
    """The overlap of a segment with the segments `s`, as a tab of its page."""
    segment = segment_or_404(request, key)
    keys = [key, *request.GET.getlist("s")]
    context = segment_context(request, segment, "overlap") | _overlap(request, keys)
    context["own"] = key
    return render(request, "segments/compare/overlap.html", context)


def _overlap(request: SeatRequest, keys: Sequence[str]) -> dict[str, Any]:
    account = request.seat.account
    keys = list(dict.fromkeys(keys))
    mark = watermark(account, now())  # before the counts that it applies to
    names = dict(_by_keys(account, keys).values_list("key", "name"))
    present = [key for key in keys if key in names]
    selection = present[:MOST_SEGMENTS]
    context: dict[str, Any] = {
        "watermark": mark,
        "keys": selection,
        "missing": len(keys) - len(present),
        "too_many": len(present) > MOST_SEGMENTS,
        "most": MOST_SEGMENTS,
        "may_write": may_write(request),
        "query": urlencode([("s", key) for key in selection]),
        "choices": _choices(account, selection, ""),
    }
    if not selection:
        return context
    try:
        sets = read_members(account, selection)
    except NotFound:  # deleted since the names were read
        return context | {"keys": [], "missing": context["missing"] + 1}
    return context | {
        "sets": sets,
        "upset": upset(sets) if sets.union else None,
        "regions": [_region_row(region) for region in sets.regions],
        "pairs": [_pair_row(pair) for pair in sets.pairs],
        "unsteady": [segment for segment in sets.segments if not _is_live(segment)],
    }


def _is_live(segment: SegmentState) -> bool:
    return bool(segment.is_active and segment.status == "ready" and segment.as_of)


def _region_row(region: Region) -> dict[str, Any]:
    return {
        "region": region,
        "title": region_title(region),
        "share": percent(region.share, 1),
        "people": _people_query(region.keys, [segment.key for segment in region.outside]),
        "builder": _builder_url(
            region.keys,
            [segment.key for segment in region.outside],
            region_name(
                [segment.name for segment in region.inside],
                [segment.name for segment in region.outside],
            ),
        ),
    }


def _pair_row(pair: PairOverlap) -> dict[str, Any]:
    return {
        "pair": pair,
        "people": _people_query((pair.one.key, pair.other.key), ()),
        "of_one": percent(pair.share_of_one, 1),
        "of_other": percent(pair.share_of_other, 1),
        "jaccard": percent(pair.jaccard, 1),
    }


def _people_query(inside: Sequence[str], outside: Sequence[str]) -> str:
    return urlencode([*(("in", key) for key in inside), *(("out", key) for key in outside)])


def _builder_url(inside: Sequence[str], outside: Sequence[str], name: str) -> str:
    definition = json.dumps(region_definition(inside, outside), separators=(",", ":"))
    return f"{reverse('segments:new')}?{urlencode({'definition': definition, 'name': name})}"


# --- choosing segments ---------------------------------------------------------------------------


@require_GET
@page()
def choices(request: SeatRequest) -> HttpResponse:
    """The segments that can be chosen beside `s`, and match the words of a search."""
    selection = list(dict.fromkeys(request.GET.getlist("s")))[:MOST_OFFERED]
    offered = _choices(request.seat.account, selection, search_words(request))
    context = {"choices": offered, "keys": selection, "own": request.GET.get("own", "")}
    return render(request, "segments/compare/_choices.html", context)


def _choices(account: Account, selection: Sequence[str], words: str) -> list[Segment]:
    """The segments of `selection`, then others that match: with a star first, then by name."""
    rows = segments_of(account).only("key", "name", "size", "is_starred", "as_of")
    others = rows.exclude(key__in=selection).order_by("-is_starred", "name")
    if words:
        others = others.filter(name__icontains=words)
    return [*_by_keys(account, selection).order_by("name"), *others[:MOST_OFFERED]]


def _by_keys(account: Account, keys: Sequence[str]) -> QuerySet[Segment]:
    return segments_of(account).filter(key__in=keys)


# --- people --------------------------------------------------------------------------------------


@require_GET
@page()
def people(request: SeatRequest) -> HttpResponse:
    """The people who are in all segments `in` and in none of the segments `out`."""
    inside = list(dict.fromkeys(request.GET.getlist("in")))
    outside = list(dict.fromkeys(request.GET.getlist("out")))
    if set(inside) & set(outside):
        raise Http404
    try:
        some = people_of_region(request.seat.account, inside, outside, **ids_of(request))
    except (NotFound, Invalid):
        raise Http404 from None
    names = [[one.name for one in side] for side in (some.inside, some.outside)]
    return render(
        request,
        "segments/compare/people.html",
        {
            "page": some.page,
            "title": region_name(*names),
            "query": f"{_people_query(inside, outside)}&",
            "compare": urlencode([("s", key) for key in (*inside, *outside)]),
            "builder": _builder_url(inside, outside, region_name(*names)),
            "may_write": may_write(request),
        },
    )


# --- who can be reached --------------------------------------------------------------------------


@require_GET
@page()
def reach(request: SeatRequest) -> HttpResponse:
    """How many members of the segments `s` can be reached on each channel: part of a page."""
    account, keys = request.seat.account, request.GET.getlist("s")[:MOST_SEGMENTS]
    names = dict(_by_keys(account, keys).values_list("key", "name"))
    selection = [key for key in dict.fromkeys(keys) if key in names]
    try:
        counts = reach_of_segments(account, selection, now())
    except UnknownKey:
        raise Http404 from None
    rows = [
        {"name": name, "counts": each, "cells": reach_cells(each)}
        for name, each in zip([*(names[key] for key in selection), ""], counts, strict=True)
    ]
    return render(request, "segments/compare/_reach.html", {"rows": rows})
