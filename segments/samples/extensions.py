"""Samples among the uses of a segment."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from segments.models import Sample, SampleStatus, Segment
from segments.uses import Use, UseRecord, use_records, uses

_LEVELS = {SampleStatus.DONE: "good", SampleStatus.FAILED: "bad", SampleStatus.RUNNING: "info"}


def _records(segment: Segment, most: int) -> Iterator[UseRecord]:
    samples = Sample.objects.filter(segment=segment).select_related("user")
    for sample in samples.prefetch_related("groups").order_by("-created", "-pk")[:most]:
        names = [group.list_name for group in sorted(sample.groups.all(), key=lambda g: g.place)]
        status = SampleStatus(sample.status)
        yield UseRecord(
            kind=_("Sample"),
            text=", ".join(names),
            state=status.label,
            level=_LEVELS.get(status, ""),
            at=sample.created,
            by=(sample.user.name or sample.user.email) if sample.user else "",
            url=reverse("segments:sample", args=[segment.key, sample.key]),
        )


uses.add(
    "sample",
    Use(
        label=_("Draw a sample"),
        text=_("Some of the people at random, for a test send, with a control group if you like."),
        icon="group",
        url="segments:sample-new",
        rank=20,
    ),
)
uses.add(
    "snapshot",
    Use(
        label=_("Snapshot to a list"),
        text=_("Everyone who is in the segment now, on a new list that does not change with it."),
        icon="copy",
        url="segments:sample-snapshot",
        rank=25,
    ),
)
use_records.add("samples", _records)
