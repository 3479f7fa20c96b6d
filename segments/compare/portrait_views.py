"""The tab "Portrait": a page, and the figures that it loads when it is open."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from predictions.pages.wording import number, percent
from profiles.columns.population import UnknownKey
from segmenter.accounts.access import SeatRequest, page
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid
from segments.compare.candidates import Json, Topic
from segments.compare.portrait import MedianFigure, Trait, portrait
from segments.compare.reach import reach_cells
from segments.definition.codec import decode
from segments.definition.conditions.predictive import NUMERIC, SHARES
from segments.engine.small_groups import LEAST_PEOPLE
from segments.models import Segment
from segments.page import may_write, segment_context, segment_or_404

TOPICS = {
    Topic.PLACE: gettext_lazy("Place"),
    Topic.PROPERTY: gettext_lazy("Property"),
    Topic.METRIC: gettext_lazy("What they did"),
    Topic.VALUE: gettext_lazy("Value"),
    Topic.CONSENT: gettext_lazy("Consent"),
    Topic.PREDICTION: gettext_lazy("Prediction"),
}
MOST_ADDRESS = 3_500
"""Characters of a link to the builder; servers refuse longer lines."""


@require_GET
@page()
def portrait_page(request: SeatRequest, key: str) -> HttpResponse:
    """The tab; its figures come when it is open, since they take up to a few seconds."""
    segment = segment_or_404(request, key)
    context = segment_context(request, segment, "portrait")
    return render(request, "segments/compare/portrait.html", context)


@require_GET
@page()
def portrait_figures(request: SeatRequest, key: str) -> HttpResponse:
    """What is more common among the members than among everyone: part of a page."""
    segment = segment_or_404(request, key)
    try:
        picture = portrait(segment, now())
    except UnknownKey:
        raise Http404 from None
    context = {
        "segment": segment,
        "portrait": picture,
        "least": LEAST_PEOPLE,
        "bars": [_row(segment, trait) for trait in picture.bars],
        "others": [_row(segment, trait) for trait in picture.others],
        "figures": [_figure(figure) for figure in picture.figures],
        "reach": [
            {"name": name, "counts": counts, "cells": reach_cells(counts)}
            for name, counts in zip((segment.name, ""), picture.reach, strict=False)
        ],
        "may_write": may_write(request),
    }
    return render(request, "segments/compare/_portrait.html", context)


def _row(segment: Segment, trait: Trait) -> dict[str, Any]:
    share = trait.share
    low, high = share.interval
    return {
        "trait": trait,
        "topic": TOPICS[trait.topic],
        "here": percent(share.here, 1),
        "overall": percent(share.overall, 1),
        "here_width": f"{100 * share.here:.2f}%",
        "overall_width": f"{100 * share.overall:.2f}%",
        "lift": _("%(times)s times") % {"times": number(share.lift, 1)},
        "range": _("%(low)s to %(high)s") % {"low": number(low, 1), "high": number(high, 1)},
        "add": builder_url(narrowed(segment, trait.condition), f"{segment.name}, {trait.clause}"),
        "alone": builder_url({"condition_groups": [{"conditions": [trait.condition]}]}),
    }


def narrowed(segment: Segment, condition: Json) -> Json:
    """The segment's definition and a condition; its members instead, where it is too long."""
    more = {"conditions": [condition]}
    try:
        decode(segment.definition)
    except Invalid:
        readable = False
    else:
        readable = True
    if readable:
        definition = {"condition_groups": [*segment.definition["condition_groups"], more]}
        if len(builder_url(definition)) <= MOST_ADDRESS:
            return definition
    member = {
        "type": "profile-group-membership",
        "is_member": True,
        "group_ids": [segment.key],
    }
    return {"condition_groups": [{"conditions": [member]}, more]}


def builder_url(definition: Json, name: str = "") -> str:
    """The builder filled in with a definition and a name."""
    text = json.dumps(definition, separators=(",", ":"), ensure_ascii=False)
    query = {"definition": text} | ({"name": name[:200]} if name else {})
    return f"{reverse('segments:new')}?{urlencode(query)}"


def _figure(figure: MedianFigure) -> dict[str, Any]:
    is_share = figure.dimension in SHARES
    texts = [
        "" if value is None else percent(value, 1) if is_share else number(value, _digits(value))
        for value in (figure.here, figure.overall)
    ]
    return {
        "name": _(dict(NUMERIC)[figure.dimension]),
        "here": texts[0],
        "overall": texts[1],
        "people_here": figure.people_here,
        "people": figure.people,
    }


def _digits(value: float) -> int:
    return 0 if float(value).is_integer() or abs(value) >= 1_000 else 1
