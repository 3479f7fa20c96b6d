"""Parses consent in records: Klaviyo's `subscriptions`, channel by channel. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from profiles.ingest.checks import check_text, maybe_text, maybe_time, maybe_truth, refuse
from profiles.models import Channel, ConsentStatus, SuppressionReason


class ConsentRecord(NamedTuple):
    """The consent of one channel in a record."""

    channel: str
    status: str
    status_date: datetime | None
    method: str | None
    method_detail: str | None
    custom_source: str | None
    is_double_opt_in: bool | None
    is_rcs_capable: bool | None
    reachability: str | None


_CHANNELS = {
    ("email", "marketing"): Channel.EMAIL,
    ("sms", "marketing"): Channel.SMS,
    ("mobile_push", "marketing"): Channel.PUSH,
    ("push", "marketing"): Channel.PUSH,
    ("whatsapp", "marketing"): Channel.WHATSAPP_MARKETING,
    ("whatsapp", "transactional"): Channel.WHATSAPP_TRANSACTIONAL,
}


def _channels(subscriptions: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    if subscriptions is None:
        return
    if not isinstance(subscriptions, Mapping):
        refuse(pointer, "invalid", "Subscriptions are an object.")
    for (channel, purpose), channel_value in _CHANNELS.items():
        subscription = subscriptions.get(channel)
        if subscription is None:
            continue
        if not isinstance(subscription, Mapping):
            refuse(f"{pointer}/{channel}", "invalid", "A channel's subscription is an object.")
        state = subscription.get(purpose)
        if isinstance(state, Mapping):
            yield channel_value, state, f"{pointer}/{channel}/{purpose}"


def read_consents(subscriptions: Any, pointer: str) -> Iterator[ConsentRecord]:
    for channel, state, at in _channels(subscriptions, pointer):
        status = state.get("consent")
        if status is None and state.get("reachability") is None:
            continue
        status = str(status or ConsentStatus.NEVER_SUBSCRIBED.value).lower()
        if status not in ConsentStatus.values:
            allowed = ", ".join(value.upper() for value in ConsentStatus.values)
            refuse(f"{at}/consent", "invalid", f"The consent must be one of: {allowed}.")
        date = next((state[k] for k in ("consent_timestamp", "consented_at") if state.get(k)), None)
        method = state.get("method")
        yield ConsentRecord(
            channel,
            status,
            maybe_time(date, f"{at}/consent_timestamp"),
            None if method is None else check_text(method, f"{at}/method", 100).lower(),
            maybe_text(state.get("method_detail"), f"{at}/method_detail"),
            maybe_text(state.get("custom_method_detail"), f"{at}/custom_method_detail"),
            maybe_truth(state.get("double_optin"), f"{at}/double_optin"),
            maybe_truth(state.get("is_rcs_capable"), f"{at}/is_rcs_capable"),
            maybe_text(state.get("reachability"), f"{at}/reachability"),
        )


def read_suppressions(
    subscriptions: Any, pointer: str
) -> Iterator[tuple[str, str, datetime | None]]:
    for channel, state, at in _channels(subscriptions, pointer):
        reasons = state.get("suppression") or state.get("suppressions") or []
        if not isinstance(reasons, list):
            refuse(f"{at}/suppression", "invalid", "Suppressions are a list.")
        for i, each in enumerate(reasons):
            place = f"{at}/suppression/{i}"
            if not isinstance(each, Mapping):
                refuse(place, "invalid", "A suppression is an object.")
            reason = str(each.get("reason", "")).lower()
            if reason not in SuppressionReason.values:
                allowed = ", ".join(value.upper() for value in SuppressionReason.values)
                refuse(f"{place}/reason", "invalid", f"The reason must be one of: {allowed}.")
            yield channel, reason, maybe_time(each.get("timestamp"), f"{place}/timestamp")
