"""What the pages show of destinations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from profiles.models import Profile
from segments.destinations.kind import KeyKind, ListDestination, list_destinations
from segments.destinations.store import file_stores
from segments.engine.reachable import MARKETING_CHANNELS
from segments.member_files.member_rows import reach_query
from segments.models import (
    ConnectionState,
    Destination,
    DestinationFile,
    DestinationMember,
    Segment,
)

FEW = 20
"""Refusals that are listed."""


@dataclass(frozen=True)
class RefusalRow:
    """Somebody whom the receiver did not take."""

    key: str
    words: str
    profile: Profile | None
    """None for somebody who is to be taken out."""


def destinations_of(segment: Segment) -> list[Destination]:
    """The segment's destinations, oldest first."""
    rows = Destination.objects.filter(account=segment.account_id, segment=segment)
    return list(rows.select_related("user").order_by("created", "pk"))


def kind_of(destination: Destination) -> ListDestination | None:
    """Return what keeps a destination up to date; None if that is not installed any more."""
    try:
        return list_destinations[destination.kind]
    except KeyError:
        return None


def label_of(destination: Destination) -> str:
    """What people call the kind of a destination."""
    if destination.kind in file_stores:
        return str(file_stores[destination.kind].label)
    kind = kind_of(destination)
    return destination.kind if kind is None else str(kind.label)


def title_of(destination: Destination) -> str:
    """The label of its kind, and what it is called there if it has a name."""
    label = label_of(destination)
    return f"{label}: {destination.name}" if destination.name else label


def level_of(destination: Destination) -> str:
    """The colour of its badge."""
    if destination.state == ConnectionState.BROKEN:
        return "bad"
    if destination.error:
        return "warn"
    return "good" if destination.state == ConnectionState.ON else ""


def reach_counts(segment: Segment, at: datetime) -> dict[str, int]:
    """Channel to how many members can be reached on it; empty for all members."""
    with connection.cursor() as cursor:
        cursor.execute(reach_query(segment, at))
        counts = cursor.fetchone()
    return dict(zip(("", *MARKETING_CHANNELS), counts, strict=False))


def count_without_address(segment: Segment) -> int:
    """How many members no destination can know that knows people by their e-mail address."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM segments_membership m
               JOIN profiles_profile p ON p.id = m.profile_id AND p.account_id = m.account_id
               WHERE m.account_id = %s AND m.segment_id = %s AND p.email IS NULL""",
            [segment.account_id, segment.pk],
        )
        count: int = cursor.fetchone()[0]
        return count


def needs_address(destination: Destination) -> bool:
    """Whether it knows people by their e-mail address."""
    kind = kind_of(destination)
    return kind is not None and kind.key_kind == KeyKind.EMAIL


def member_counts(destination: Destination) -> dict[str, int]:
    """How many are there by what the receiver said, how many wait, how many were refused; of files
    how many are in the newest."""
    if destination.kind in file_stores:
        files = DestinationFile.objects.filter(destination=destination, is_stored=True)
        people = files.order_by("-pk").values_list("rows", flat=True).first()
        return {"there": people or 0, "waiting": 0, "refused": 0}
    rows = DestinationMember.objects.filter(destination=destination)
    return {
        "there": rows.filter(
            profile_id__isnull=False, fingerprint__isnull=False, refusal=""
        ).count(),
        "waiting": rows.filter(is_due=True).count(),
        "refused": rows.exclude(refusal="").count(),
    }


def refusals(destination: Destination) -> list[RefusalRow]:
    """The first people whom the receiver did not take."""
    rows = DestinationMember.objects.filter(destination=destination).exclude(refusal="")
    members = list(rows.order_by("pk")[:FEW])
    people = Profile.objects.filter(account=destination.account_id).in_bulk(
        [each.profile_id for each in members if each.profile_id is not None]
    )
    return [
        RefusalRow(each.key, each.refusal, people.get(each.profile_id or 0)) for each in members
    ]
