"""The rows of an account as a world for the oracle.

Reads plain rows; metrics, lists and segments are called by their keys, as in definitions.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from profiles.models import Consent, Event, ListMember, Profile, Suppression
from segmenter.accounts.models import Account
from segments.models import Membership, Segment, SegmentStatus
from tests.oracle.world import Json, World

_FIELDS = (
    *("email", "phone_number", "external_id", "anonymous_id"),
    *("first_name", "last_name", "organization", "title", "locale", "image"),
)
_PLACE = ("address1", "address2", "city", "region", "country", "zip", "latitude", "longitude")
_CHANNELS = {
    "email": ("email", "marketing"),
    "sms": ("sms", "marketing"),
    "push": ("mobile_push", "marketing"),
    "whatsapp_marketing": ("whatsapp", "marketing"),
    "whatsapp_transactional": ("whatsapp", "transactional"),
}


@dataclass(frozen=True)
class Stored(World):
    """A world whose events lie ready by person and metric."""

    done: dict[tuple[int, str], list[Json]] = field(default_factory=dict)

    def events_of(self, person: int, metric: str) -> list[Json]:
        """The person's events of a metric; a row is an event."""
        return self.done.get((person, metric), [])

    def seen_at(self, at: datetime) -> Stored:
        """The same facts as they are at another moment: first and last activity move."""
        people = [
            {name: value for name, value in person.items() if not name.endswith("_active")}
            for person in self.people
        ]
        now = at.astimezone(UTC).isoformat(timespec="microseconds")
        for (person, _metric), events in self.done.items():
            for event in events:
                if event["time"] <= now:
                    _note_activity(people[person], event["time"])
        return replace(self, people=people)


def iso(moment: datetime | None) -> str | None:
    """A moment in UTC, always as long, so that texts sort as the moments do."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def kept_true(segment: Segment) -> bool:
    """Whether a segment follows its definition; paused and frozen ones stay as they were."""
    return segment.is_active and segment.status != SegmentStatus.FROZEN


def stored_world(account: Account, at: datetime) -> Stored:
    """The facts of an account, with the zone of the database, not of the object passed in."""
    profiles = list(Profile.objects.filter(account=account).order_by("pk"))
    number = {profile.pk: index for index, profile in enumerate(profiles)}
    done = _events(account, number)
    people = [_person(profile) for profile in profiles]
    _add_subscriptions(account, number, people)
    for row in ListMember.objects.filter(account=account).select_related("list"):
        _join(people[number[row.profile_id]], row.list.key, row.joined)
    segments: dict[str, Json] = {}
    entered: dict[tuple[str, int], str] = {}
    rows = {segment.pk: segment for segment in Segment.objects.filter(account=account)}
    for segment in rows.values():
        if kept_true(segment):
            segments[segment.key] = segment.definition
    for member in Membership.objects.filter(account=account):
        if member.profile_id not in number or member.segment_id not in rows:
            continue  # an erased person, whom `judge` reports; a deleted segment, which keeps rows
        person, segment = number[member.profile_id], rows[member.segment_id]
        if kept_true(segment):
            entered[segment.key, person] = iso(member.entered) or ""
        else:
            _join(people[person], segment.key, member.entered)
    return Stored(
        people=people,
        zone=Account.objects.values_list("time_zone", flat=True).get(pk=account.pk),
        segments=segments,
        entered=entered,
        ids=[str(profile.pk) for profile in profiles],
        done=done,
    ).seen_at(at)


def _person(profile: Profile) -> Json:
    facts: Json = {name: getattr(profile, name) for name in _FIELDS}
    facts["created"], facts["updated"] = iso(profile.created), iso(profile.updated)
    place = {name: getattr(profile, name) for name in _PLACE} | {"timezone": profile.time_zone}
    return {
        **{name: value for name, value in facts.items() if value is not None},
        "location": {name: value for name, value in place.items() if value is not None},
        "properties": profile.properties,
    }


def _events(account: Account, number: dict[int, int]) -> dict[tuple[int, str], list[Json]]:
    done: dict[tuple[int, str], list[Json]] = defaultdict(list)
    rows = Event.objects.filter(account=account).order_by("pk")
    for person, metric, time, value, properties in rows.values_list(
        "profile_id", "metric__key", "time", "value", "properties"
    ):
        done[number[person], metric].append(
            {"metric": metric, "time": iso(time), "value": value, "properties": properties}
        )
    return dict(done)


def _note_activity(person: Json, time: str) -> None:
    person["first_active"] = min(person.get("first_active", time), time)
    person["last_active"] = max(person.get("last_active", time), time)


def _join(person: Json, key: str, since: datetime) -> None:
    person.setdefault("lists", []).append({"name": key, "joined": iso(since)})


def _add_subscriptions(account: Account, number: dict[int, int], people: list[Json]) -> None:
    def row(profile_id: int, channel: str) -> Json:
        kind, purpose = _CHANNELS[channel]
        purposes: Any = people[number[profile_id]].setdefault("subscriptions", {})
        consent_facts: Json = purposes.setdefault(kind, {}).setdefault(purpose, {})
        return consent_facts

    for consent in Consent.objects.filter(account=account):
        fields = {
            "consent": consent.status.upper(),
            "consent_timestamp": iso(consent.status_date),
            "last_updated": iso(consent.recorded),
            "method": consent.method,
            "method_detail": consent.method_detail,
            "custom_method_detail": consent.custom_source,
            "double_optin": consent.is_double_opt_in,
            "is_rcs_capable": consent.is_rcs_capable,
            "reachability": consent.reachability,
        }
        row(consent.profile_id, consent.channel).update(
            {name: value for name, value in fields.items() if value is not None}
        )
    for suppression in Suppression.objects.filter(account=account):
        row(suppression.profile_id, suppression.channel).setdefault("suppression", []).append(
            {"reason": suppression.reason.upper(), "timestamp": iso(suppression.date)}
        )
