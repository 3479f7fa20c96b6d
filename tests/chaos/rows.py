"""The rows of an account as the oracle's facts, one world for each person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from profiles.models import (
    IDENTIFIERS,
    Consent,
    Event,
    ListMember,
    Profile,
    Suppression,
)
from segmenter.accounts.models import Account
from segments.models import Segment
from tests.oracle.oracle import meets_definition
from tests.oracle.world import World

Json = dict[str, Any]
_CHANNELS = {
    "email": ("email", "marketing"),
    "sms": ("sms", "marketing"),
    "push": ("mobile_push", "marketing"),
    "whatsapp_marketing": ("whatsapp", "marketing"),
    "whatsapp_transactional": ("whatsapp", "transactional"),
}
_TEXTS = (*IDENTIFIERS, "first_name", "last_name", "organization", "title", "locale", "image")
_PLACE = ("address1", "address2", "city", "region", "country", "zip", "latitude", "longitude")


def members(account: Account, at: datetime) -> dict[str, set[int]]:
    """The members of each segment by its key, evaluated by the oracle over the stored rows."""
    definitions = dict(Segment.objects.filter(account=account).values_list("key", "definition"))
    inside: dict[str, set[int]] = {key: set() for key in definitions}
    for id_, world in _worlds(account, definitions).items():
        for key, definition in definitions.items():
            if meets_definition(definition, world, 0, at):
                inside[key].add(id_)
    return inside


def _worlds(account: Account, definitions: Mapping[str, Json]) -> dict[int, World]:
    """By profile id. Metrics and lists go by their keys there."""
    lists, subscriptions, events = _lists(account), _subscriptions(account), _events(account)
    return {
        profile.pk: World(
            people=[_person(profile, subscriptions[profile.pk], lists[profile.pk])],
            events=events[profile.pk],
            zone=account.time_zone,
            segments=definitions,
            ids=[str(profile.pk)],
        )
        for profile in Profile.objects.filter(account=account)
    }


def _person(profile: Profile, subscriptions: Json, lists: list[Json]) -> Json:
    texts = {name: getattr(profile, name) for name in _TEXTS}
    place = {name: getattr(profile, name) for name in _PLACE}
    return {
        **{name: text for name, text in texts.items() if text is not None},
        "external_id": str(profile.pk),  # what this world's events name
        "created": profile.created.isoformat(),
        "location": {name: value for name, value in place.items() if value is not None},
        "properties": profile.properties,
        "subscriptions": subscriptions,
        "lists": lists,
    }


def _events(account: Account) -> dict[int, list[Json]]:
    events: dict[int, list[Json]] = defaultdict(list)
    fields = ("profile_id", "metric__key", "time", "value", "unique_id", "properties")
    for id_, metric, time, value, unique_id, properties in Event.objects.filter(
        account=account
    ).values_list(*fields):
        events[id_].append(
            {
                "metric": metric,
                "time": time.isoformat(),
                "value": value,
                "unique_id": unique_id,
                "properties": properties,
                "profile": {"external_id": str(id_)},
            }
        )
    return events


def _lists(account: Account) -> dict[int, list[Json]]:
    lists: dict[int, list[Json]] = defaultdict(list)
    for id_, key, since in ListMember.objects.filter(account=account).values_list(
        "profile_id", "list__key", "joined"
    ):
        lists[id_].append({"name": key, "joined": since.isoformat()})
    return lists


def _subscriptions(account: Account) -> dict[int, Json]:
    subscriptions: dict[int, Json] = defaultdict(dict)

    def state(id_: int, channel: str) -> Json:
        name, purpose = _CHANNELS[channel]
        facts: Json = subscriptions[id_].setdefault(name, {}).setdefault(purpose, {})
        return facts

    for consent in Consent.objects.filter(account=account):
        state(consent.profile_id, consent.channel).update(
            consent=consent.status.upper(),
            consent_timestamp=consent.status_date and consent.status_date.isoformat(),
            last_updated=consent.recorded.isoformat(),
            method=consent.method,
            method_detail=consent.method_detail,
            custom_method_detail=consent.custom_source,
            double_optin=consent.is_double_opt_in,
            is_rcs_capable=consent.is_rcs_capable,
            reachability=consent.reachability,
        )
    for one in Suppression.objects.filter(account=account):
        state(one.profile_id, one.channel).setdefault("suppression", []).append(
            {"reason": one.reason.upper(), "timestamp": one.date.isoformat()}
        )
    return subscriptions
