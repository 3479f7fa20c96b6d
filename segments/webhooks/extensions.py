"""Webhooks among what uses segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext

from segments.engine.dependents import Dependent, dependents
from segments.models import Segment, Webhook


def _webhooks(account_id: int, segments: Sequence[Segment]) -> Iterator[tuple[int, Dependent]]:
    """Active webhooks that chose these segments, and those that take all."""
    rows = list(Webhook.objects.filter(account=account_id, is_active=True).order_by("pk"))
    if not rows:
        return
    choices = set(
        Webhook.segments.through.objects.filter(webhook__in=rows, segment__in=segments).values_list(
            "webhook_id", "segment_id"
        )
    )
    for webhook in rows:
        dependent = Dependent(
            gettext("the webhook “%(name)s”") % {"name": webhook.name},
            reverse("webhooks:detail", args=[webhook.key]),
            hears_edits=webhook.definitions,
            is_for_all=webhook.all_segments,
        )
        for segment in segments:
            if webhook.all_segments or (webhook.pk, segment.pk) in choices:
                yield segment.pk, dependent


dependents.add("webhooks", _webhooks)
