"""Audiences among the uses of a segment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segments.audiences import apis as _apis  # registers them
from segments.audiences import networks as _networks
from segments.audiences.network import networks
from segments.engine.dependents import Dependent, dependents
from segments.models import (
    AudienceConnection,
    AudienceFile,
    AudienceFileState,
    ConnectionState,
    Segment,
)
from segments.uses import Use, UseRecord, use_records, uses

__all__ = ["_apis", "_networks"]
_CONNECTION_LEVELS = {ConnectionState.ON.value: "good", ConnectionState.BROKEN.value: "bad"}
_LEVELS = {AudienceFileState.READY.value: "good", AudienceFileState.FAILED.value: "bad"}

uses.add(
    "audience",
    Use(
        label=_("Ad audience"),
        text=_("A file for Meta, Google, TikTok, LinkedIn or Pinterest, hashed as each wants it."),
        icon="globe",
        url="segments:audience",
        rank=40,
    ),
)


def _records(segment: Segment, most: int) -> Iterable[UseRecord]:
    """Live connections, and the latest files for ad networks."""
    files = AudienceFile.objects.filter(account=segment.account_id, audience__segment=segment)
    address = reverse("segments:audience", args=[segment.key])
    connections = AudienceConnection.objects.filter(
        account=segment.account_id, audience__segment=segment
    )
    for connection in connections.select_related("user", "audience"):
        name = connection.audience.network
        yield UseRecord(
            kind=_("Ad audience"),
            text=gettext("%(network)s: live connection") % {"network": networks[name].label},
            state=connection.get_state_display(),
            level=_CONNECTION_LEVELS.get(connection.state, ""),
            at=connection.created,
            by=str(connection.user) if connection.user else "",
            url=f"{address}?network={name}",
        )
    for file in files.select_related("user", "audience").order_by("-created")[:most]:
        name = file.audience.network
        label = networks[name].label if name in networks else name
        yield UseRecord(
            kind=_("Ad audience"),
            text=f"{label}: {file.get_kind_display()}",
            state=file.get_state_display(),
            level=_LEVELS.get(file.state, ""),
            at=file.created,
            by=str(file.user) if file.user else "",
            url=f"{address}?network={name}",
        )


use_records.add("audience", _records)


def _connections(account_id: int, segments: Sequence[Segment]) -> Iterator[tuple[int, Dependent]]:
    """Live audiences. They follow edits: they are equal to the segment."""
    keys = {segment.pk: segment.key for segment in segments}
    rows = AudienceConnection.objects.filter(account=account_id, audience__segment__in=keys)
    rows = rows.exclude(state=ConnectionState.PAUSED).select_related("audience")
    for row in rows.order_by("pk"):
        name, segment_id = row.audience.network, row.audience.segment_id
        label = networks[name].label if name in networks else name
        address = reverse("segments:audience", args=[keys[segment_id]])
        words = gettext("the live audience at %(network)s") % {"network": label}
        yield segment_id, Dependent(words, f"{address}?network={name}")


dependents.add("audience", _connections)
