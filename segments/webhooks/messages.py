"""The contents of messages, created from the rows for each attempt and stored nowhere.

So no personal data waits in the queue, and about a person who was erased meanwhile only the id is
sent. What describes the change itself is the same at every attempt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from profiles.models import Profile, ProfileMerge
from segments.models import Delivery, MembershipChange, Segment, Webhook

ENTERED = "segment.member.entered"
LEFT = "segment.member.left"
TEST = "webhook.test"
_OF_PERSON = ("email", "phone_number", "external_id", "anonymous_id", "first_name", "last_name")


def write_messages(webhook: Webhook, deliveries: Sequence[Delivery]) -> dict[int, bytes]:
    """The JSON bodies (UTF-8) of some deliveries of one webhook, by delivery id.

    A delivery whose segment was deleted has none.
    """
    ids = [d.change_id for d in deliveries if d.change_id is not None]
    of_account = {"account_id": webhook.account_id}
    changes = MembershipChange.objects.filter(**of_account).in_bulk(ids)
    segments = Segment.objects.filter(**of_account).in_bulk(
        {change.segment_id for change in changes.values()}
    )
    profile_ids = {change.profile_id for change in changes.values()}
    people = Profile.objects.filter(**of_account).only("id", *_OF_PERSON).in_bulk(profile_ids)
    merged = dict(
        ProfileMerge.objects.filter(
            **of_account, old_id__in=profile_ids - people.keys()
        ).values_list("old_id", "profile_id")
    )
    bodies: dict[int, bytes] = {}
    for delivery in deliveries:
        if delivery.change_id is None:
            bodies[delivery.pk] = _encode(TEST, delivery.created, _test(webhook))
            continue
        change = changes.get(delivery.change_id)
        segment = segments.get(change.segment_id) if change else None
        if change is None or segment is None:
            continue
        data = {
            "segment": {"id": segment.key, "name": segment.name},
            "profile": _person(change.profile_id, people, merged),
            "cause": change.cause,
            "true_since": _instant(change.true_since),
            "sequence": change.pk,
        }
        kind = ENTERED if change.entered else LEFT
        bodies[delivery.pk] = _encode(kind, change.at, data)
    return bodies


def _person(
    profile_id: int, people: Mapping[int, Profile], merged: Mapping[int, int]
) -> dict[str, Any]:
    """The person; of one who no longer exists, only the id, and into whom they were merged."""
    person: dict[str, Any] = {"id": str(profile_id)}
    if profile_id in people:
        return person | {name: getattr(people[profile_id], name) for name in _OF_PERSON}
    if profile_id in merged:
        person["merged_into"] = str(merged[profile_id])
    return person


def _test(webhook: Webhook) -> dict[str, Any]:
    return {"webhook": {"id": webhook.key, "name": webhook.name}}


def _encode(kind: str, time: datetime, data: Mapping[str, Any]) -> bytes:
    message = {"type": kind, "timestamp": _instant(time), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _instant(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
