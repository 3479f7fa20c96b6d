"""Small parts of the scenarios: people, names of members, midnights."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from profiles.models import Profile
from segments.models import Membership, Segment

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def names(of: Segment) -> set[str]:
    inside = list(Membership.objects.filter(segment=of).values_list("profile_id", flat=True))
    return {str(row.external_id) for row in Profile.objects.filter(pk__in=inside)}


def bare(*who: str) -> list[dict[str, Any]]:
    return [{"external_id": name} for name in who]
