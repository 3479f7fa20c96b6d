"""The pages of samples: the form with its preview, one sample, everyone but its people."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from predictions.numerics.experiments.power import people_needed, smallest_rise
from predictions.numerics.experiments.sampling import apportion, sample_size
from profiles.models import Channel
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound
from segments.engine.reachable import MARKETING_CHANNELS
from segments.engine.vocabulary import Catalog
from segments.models import Sample, Segment
from segments.page import segment_context, segment_or_404
from segments.samples import queries
from segments.samples.design import CONTROL, SampleDesign
from segments.samples.drawing import reach_counts
from segments.samples.forms import CHANNELS, PowerForm, SampleForm, SnapshotForm
from segments.samples.jobs import ask_for_sample

HUNDRED = Decimal(100)
EXAMPLE_RATE = 0.10
"""The rate of which it is said what differs from it enough to be told apart."""


def _sample(request: SeatRequest, segment: Segment, key: str) -> Sample:
    try:
        return queries.get_sample(request.seat.account, segment, key)
    except NotFound:
        raise Http404 from None


# --- the form ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@page(Role.MARKETER)
def new(request: SeatRequest, key: str) -> HttpResponseBase:
    """The form of a sample to be drawn; POST has it drawn."""
    segment, account = segment_or_404(request, key), request.seat.account
    initial = {"list_name": _("%(segment)s, test") % {"segment": segment.name[:180]}}
    initial |= {name: request.GET[name] for name in ("percent", "at_least") if name in request.GET}
    form = SampleForm(Catalog(account), request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        sample = _ask(request, segment, form)
        if sample is not None:
            return redirect("segments:sample", segment.key, sample.key)
    counts = reach_counts(account, segment, now())
    context = segment_context(request, segment, "use") | {
        "form": form,
        "power": PowerForm(),
        "counts": [(channel, counts[channel]) for channel in ("", *MARKETING_CHANNELS)],
        **_preview(form, counts),
        **_power(PowerForm({"rate": "10", "other": "12"})),
    }
    status = 422 if form.errors else 200
    return render(request, "segments/samples/new.html", context, status=status)


@require_http_methods(["GET", "POST"])
@page(Role.MARKETER)
def snapshot(request: SeatRequest, key: str) -> HttpResponseBase:
    """The form of a list that gets everyone who is in the segment now; POST has it filled."""
    segment, account = segment_or_404(request, key), request.seat.account
    day = now().astimezone(account.zone)
    initial = {"list_name": f"{segment.name[:180]}, {day:%Y-%m-%d}"}
    form = SnapshotForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        sample = _ask(request, segment, form)
        if sample is not None:
            return redirect("segments:sample", segment.key, sample.key)
    counts = reach_counts(account, segment, now())
    context = segment_context(request, segment, "use") | {
        "form": form,
        "counts": [(label, counts[channel]) for channel, label in CHANNELS],
    }
    status = 422 if form.errors else 200
    return render(request, "segments/samples/snapshot.html", context, status=status)


def _ask(request: SeatRequest, segment: Segment, form: SampleForm | SnapshotForm) -> Sample | None:
    """Ask for what a valid form says; None if it is refused, with the errors in the form."""
    try:
        return ask_for_sample(
            account=request.seat.account,
            user=request.seat.user,
            segment=segment,
            list_name=form.cleaned_data["list_name"],
            design=form.design(),
            at=now(),
        )
    except ApplicationError as error:
        _add_errors(form, error)
        return None


def _add_errors(form: Form, error: ApplicationError) -> None:
    """Write what is wrong at the field it belongs to."""
    fields = {"name": "list_name", "groups": "tests"}
    for problem in error.problems:
        name = problem.pointer.strip("/")
        name = fields.get(name, name)
        form.add_error(name if name in form.fields else None, problem.message)


@require_GET
@page(Role.MARKETER)
def preview(request: SeatRequest, key: str) -> HttpResponse:
    """How many a form would draw, of the counts that its page was made with (`of`, `of_email`)."""
    segment = segment_or_404(request, key)
    counts = {}
    for channel in ("", *MARKETING_CHANNELS):
        text = request.GET.get(f"of_{channel}", "")
        counts[channel] = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    form = SampleForm(Catalog(request.seat.account), request.GET)
    context = {"segment": segment, **_preview(form, counts)}
    return render(request, "segments/samples/_preview.html", context)


def _preview(form: SampleForm, counts: Mapping[str, int]) -> dict[str, Any]:
    """What the preview says: how many are drawn of how many, and what they can tell."""
    if form.is_bound:
        form.is_valid()
        if set(form.errors) - {"list_name", "__all__"}:
            return {"is_open": True}
        design = form.design()
    else:
        blank = SampleForm(form.catalog, {n: f.initial for n, f in form.fields.items()})
        blank.is_valid()
        design = blank.design()
    return {"is_open": False, "drawing": _drawing(design, counts)}


def _drawing(design: SampleDesign, counts: Mapping[str, int]) -> dict[str, Any]:
    people = counts[design.channel]
    percent = None if design.percent is None else Fraction(design.percent)
    total = sample_size(people, number=design.number, percent=percent, least=design.at_least)
    sizes = apportion(total, [group.weight for group in design.groups])
    rise = smallest_rise(EXAMPLE_RATE, min(sizes)) if len(sizes) > 1 and min(sizes) else None
    return {
        "all": counts[""],
        "people": people,
        "channel": Channel(design.channel).label if design.channel else "",
        "total": total,
        "left": people - total,
        "groups": list(zip(design.groups, sizes, strict=True)) if len(sizes) > 1 else [],
        "rate": 100 * EXAMPLE_RATE,
        "rise": None if rise is None else 100 * rise,
        "several": len(sizes) > 1,
        "smallest": min(sizes),
    }


@require_GET
@page(Role.MARKETER)
def size(request: SeatRequest, key: str) -> HttpResponse:
    """How many people are needed to distinguish two rates."""
    segment = segment_or_404(request, key)
    context = {"segment": segment, **_power(PowerForm(request.GET))}
    return render(request, "segments/samples/_power.html", context)


def _power(form: PowerForm) -> dict[str, Any]:
    if not form.is_valid():
        return {"needed": None, "is_power_open": True}
    rate, other = form.cleaned_data["rate"], form.cleaned_data["other"]
    needed = people_needed(float(rate) / 100, float(other) / 100)
    return {"needed": needed, "rate": rate, "other": other, "is_power_open": False}


# --- one sample ----------------------------------------------------------------------------------


@require_GET
@page()
def detail(request: SeatRequest, key: str, sample_key: str) -> HttpResponse:
    """A sample: its groups and lists, and what it was drawn of. Asked again until it is drawn."""
    segment = segment_or_404(request, key)
    sample = _sample(request, segment, sample_key)
    context = _context(request, segment, sample)
    return render_page_or_part(request, "segments/samples/detail.html", context)


def _context(request: SeatRequest, segment: Segment, sample: Sample) -> dict[str, Any]:
    groups = list(sample.groups.select_related("list").order_by("place"))
    people = queries.people_of(groups)
    return segment_context(request, segment, "use") | {
        "sample": sample,
        "groups": [
            {
                "group": group,
                "reachable": [group.reachable.get(channel, 0) for channel in MARKETING_CHANNELS],
            }
            for group in groups
        ],
        "channels": [Channel(channel).label for channel in MARKETING_CHANNELS],
        "channel": Channel(sample.channel).label if sample.channel else "",
        "people": people,
        "left": (sample.eligible or 0) - people,
        "stratify": Catalog(sample.account).label("profile", sample.stratify)
        if sample.stratify
        else "",
        "sentence": queries.definition_sentence(sample),
        "has_changed": sample.version is not None and sample.version != segment.version,
        "complements": sample.complements.prefetch_related("groups").order_by("created"),
        "report": _report_query(sample),
        "rest_name": _("%(list)s - rest") % {"list": groups[0].list_name[:190] if groups else ""},
    }


def _report_query(sample: Sample) -> str:
    """The query of the report on a sample's groups; empty if there is nothing to compare."""
    groups = [g for g in sample.groups.select_related("list").order_by("place") if g.list]
    if len(groups) < 2:
        return ""
    control = next((g for g in groups if g.is_control), groups[-1])
    tests = [("sample", g.list.key) for g in groups if g != control and g.list]
    assert control.list is not None
    return urlencode([*tests, (CONTROL, control.list.key)])


@require_POST
@page(Role.MARKETER)
def rest(request: SeatRequest, key: str, sample_key: str) -> HttpResponseBase:
    """Put everyone in the segment now who is in no group of a sample on a list."""
    segment = segment_or_404(request, key)
    sample = _sample(request, segment, sample_key)
    name = request.POST.get("list_name", "")
    try:
        complement = ask_for_sample(
            account=request.seat.account,
            user=request.seat.user,
            segment=segment,
            list_name=name,
            design=SampleDesign(percent=HUNDRED, channel=sample.channel, excluding=sample),
            at=now(),
        )
    except ApplicationError as error:
        context = _context(request, segment, sample) | {
            "rest_name": name,
            "rest_error": " ".join(problem.message for problem in error.problems),
        }
        return render(request, "segments/samples/detail.html", context, status=422)
    messages.success(
        request, _("Everyone else is being put on the list “%(name)s”.") % {"name": name}
    )
    return redirect(reverse("segments:sample", args=[segment.key, complement.key]))
