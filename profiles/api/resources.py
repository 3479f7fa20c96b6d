"""People and metrics as JSON:API resources, with consent in Klaviyo's form. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from profiles.display import ChannelState, channel_states
from profiles.ingest.parse import LOCATION_FIELDS, TEXT_FIELDS
from profiles.models import (
    Channel,
    Consent,
    List,
    Metric,
    Profile,
    Suppression,
)
from profiles.registries.person_attributes import person_attributes
from segmenter.accounts.models import Account
from segmenter.kernel.collection import Fields

PROFILE_ATTRIBUTES = (
    *("email", "phone_number", "external_id", "anonymous_id"),
    *TEXT_FIELDS,
    *("created", "updated", "last_event_date", "location", "properties"),
)
_SUBSCRIPTIONS = "subscriptions"
LIST_ATTRIBUTES = ("name", "created", "updated", "opt_in_process")
SINGLE_OPT_IN = "single_opt_in"
"""Of every list: who asks to be on one is on it, since no mail is sent to confirm it."""
METRIC_ATTRIBUTES = ("name", "created", "updated", "integration")
INTEGRATION = {"object": "integration", "id": "api", "key": "api", "name": "API", "category": "API"}
"""The integration of all metrics: they all come from the API."""
_SAME = ("email", "phone_number", "external_id", "anonymous_id", *TEXT_FIELDS)


def additional_attributes() -> tuple[str, ...]:
    """Attributes of profiles that are included only on request."""
    return (_SUBSCRIPTIONS, *person_attributes)


def profile_resources(
    request: HttpRequest,
    account: Account,
    profiles: Sequence[Profile],
    fields: Fields,
    at: datetime,
) -> list[dict[str, Any]]:
    """The resources of people of an account. `at` decides which consent counts."""
    states = _channel_states(account, profiles, at) if fields.wants(_SUBSCRIPTIONS) else {}
    more = {
        name: read(account, profiles)
        for name, read in person_attributes.items()
        if fields.wants(name)
    }
    resources = []
    for profile in profiles:
        attributes = _profile_attributes(profile)
        if profile.pk in states:
            attributes[_SUBSCRIPTIONS] = _subscriptions(profile, states[profile.pk])
        attributes |= {name: values[profile.pk] for name, values in more.items()}
        resources.append(_resource(request, "profile", str(profile.pk), fields.of(attributes)))
    return resources


def list_resource(request: HttpRequest, group: List, fields: Fields) -> dict[str, Any]:
    """Return a list as a resource."""
    attributes = {
        "name": group.name,
        "created": group.created.isoformat(),
        "updated": group.updated.isoformat(),
        "opt_in_process": SINGLE_OPT_IN,
    }
    return _resource(request, "list", group.key, fields.of(attributes))


def metric_resource(request: HttpRequest, metric: Metric, fields: Fields) -> dict[str, Any]:
    created = metric.created.isoformat()
    attributes = {
        "name": metric.name,
        "created": created,
        "updated": created,
        "integration": INTEGRATION,
    }
    return _resource(request, "metric", metric.key, fields.of(attributes))


def _resource(
    request: HttpRequest, type_: str, id_: str, attributes: dict[str, Any]
) -> dict[str, Any]:
    address = request.build_absolute_uri(f"/api/{type_}s/{id_}/")
    return {"type": type_, "id": id_, "attributes": attributes, "links": {"self": address}}


def _profile_attributes(profile: Profile) -> dict[str, Any]:
    location = {name: getattr(profile, name) for name in LOCATION_FIELDS}
    location |= {"latitude": profile.latitude, "longitude": profile.longitude}
    location |= {"timezone": profile.time_zone, "ip": None}
    return {
        **{name: getattr(profile, name) for name in _SAME},
        "created": _time(profile.created),
        "updated": _time(profile.updated),
        "last_event_date": _time(profile.last_active),
        "location": location,
        "properties": profile.properties,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _channel_states(
    account: Account, profiles: Sequence[Profile], at: datetime
) -> dict[int, dict[Channel, ChannelState]]:
    """The state of each person's channels at an instant."""
    keys = [profile.pk for profile in profiles]
    consents: dict[int, list[Consent]] = {key: [] for key in keys}
    suppressions: dict[int, list[Suppression]] = {key: [] for key in keys}
    for consent in Consent.objects.filter(account=account, profile__in=keys):
        consents[consent.profile_id].append(consent)
    rows = Suppression.objects.filter(account=account, profile__in=keys)
    for suppression in rows.order_by("date", "reason"):
        suppressions[suppression.profile_id].append(suppression)
    return {
        profile.pk: channel_states(profile, consents[profile.pk], suppressions[profile.pk], at)
        for profile in profiles
    }


def _subscriptions(profile: Profile, states: dict[Channel, ChannelState]) -> dict[str, Any]:
    email, sms, push = states[Channel.EMAIL], states[Channel.SMS], states[Channel.PUSH]
    return {
        "email": {
            "marketing": {
                "can_receive_email_marketing": email.reachable,
                **_consent(email),
                "custom_method_detail": email.consent and email.consent.custom_source,
                "double_optin": email.consent and email.consent.is_double_opt_in,
                "suppression": _suppression(email),
                "list_suppressions": [],
            }
        },
        "sms": {
            "marketing": {
                "can_receive_sms_marketing": sms.reachable,
                **_consent(sms),
                "custom_method_detail": sms.consent and sms.consent.custom_source,
                "double_optin": sms.consent and sms.consent.is_double_opt_in,
                "is_rcs_capable": sms.consent and sms.consent.is_rcs_capable,
                "suppression": _suppression(sms),
            }
        },
        "mobile_push": {
            "marketing": {
                "can_receive_push_marketing": push.reachable,
                **_consent(push),
                "suppression": _suppression(push),
            }
        },
        "whatsapp": {
            "marketing": _whatsapp(profile, states[Channel.WHATSAPP_MARKETING]),
            "transactional": _whatsapp(profile, states[Channel.WHATSAPP_TRANSACTIONAL]),
        },
    }


def _consent(state: ChannelState) -> dict[str, Any]:
    consent = state.consent
    return {
        "consent": state.status.value.upper(),
        "consent_timestamp": _time(consent.status_date) if consent else None,
        "last_updated": _time(consent.recorded) if consent else None,
        "method": consent.method.upper() if consent and consent.method else None,
        "method_detail": consent.method_detail if consent else None,
    }


def _whatsapp(profile: Profile, state: ChannelState) -> dict[str, Any]:
    consent = state.consent
    return {
        "can_receive": state.reachable,
        **_consent(state),
        "reachability": consent.reachability if consent else None,
        "created_timestamp": None,
        "metadata": None,
        "valid_until": None,
        "phone_number": profile.phone_number,
    }


def _suppression(state: ChannelState) -> list[dict[str, Any]]:
    return [
        {"reason": suppression.reason.upper(), "timestamp": _time(suppression.date)}
        for suppression in state.suppressions
    ]
