"""Subscriptions that pages of the shop send without one of our forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from forms_targeting.client.names import PageProfile, read_profile_of_page
from forms_targeting.client.proven import profile_record
from forms_targeting.engine.circumstances import Circumstances, short_text
from forms_targeting.engine.consent_statements import add_proof, consent_record
from forms_targeting.engine.opt_in import METHOD, ask_for_confirmation, needs_confirmation
from forms_targeting.engine.visitor_limits import limit_email
from forms_targeting.models import FormVersion, ProofSource, Site
from profiles.consent_words import Channel, ConsentStatus
from profiles.ingest.parse import read_profile
from profiles.ingest.store import ingest_profiles
from profiles.ingest.suppressions import lift_unsubscribe
from profiles.models import Cause, List
from profiles.reachability import ADDRESS
from segmenter.kernel.errors import Invalid

_PLACE = "/data/attributes/profile"
_WORDS = {
    "email": {"marketing": Channel.EMAIL},
    "sms": {"marketing": Channel.SMS},
    "whatsapp": {
        "marketing": Channel.WHATSAPP_MARKETING,
        "transactional": Channel.WHATSAPP_TRANSACTIONAL,
    },
}
_YES = ("SUBSCRIBED", "MARKETING")


@dataclass(frozen=True)
class Subscription:
    """Who subscribes to what."""

    person: PageProfile
    channels: tuple[str, ...]
    """Those that are named; empty: those for which there is an address."""
    list_key: str
    source: str
    """Where, in the words of the page."""


def read_subscription(attributes: Mapping[str, Any]) -> Subscription:
    """Return the subscription of a document's attributes, also in its form of 2023.

    Raises Invalid.
    """
    source = short_text(attributes.get("custom_source"), 200)
    relationships = attributes.get("relationships")
    profile = attributes.get("profile")
    if profile is None and (attributes.get("email") or attributes.get("phone_number")):
        names = ("email", "phone_number", "external_id", "_kx")
        person = read_profile_of_page({n: attributes[n] for n in names if n in attributes}, _PLACE)
        return Subscription(person, (), short_text(attributes.get("list_id"), 20), source)
    person = read_profile_of_page(profile, _PLACE)
    inner = profile.get("data") if isinstance(profile, Mapping) else None
    details = inner.get("attributes") if isinstance(inner, Mapping) else None
    words = details.get("subscriptions") if isinstance(details, Mapping) else None
    key = ""
    if isinstance(relationships, Mapping) and isinstance(relationships.get("list"), Mapping):
        data = relationships["list"].get("data")
        key = short_text(data.get("id"), 20) if isinstance(data, Mapping) else ""
    return Subscription(person, _channels(words), key, source)


def _channels(words: Any) -> tuple[str, ...]:
    """{"email": {"marketing": {"consent": "SUBSCRIBED"}}}, or {"email": ["MARKETING"]} of 2023."""
    channels: list[str] = []
    if not isinstance(words, Mapping):
        return ()
    for name, purposes in _WORDS.items():
        stated = words.get(name)
        for purpose, channel in purposes.items():
            if isinstance(stated, list):
                is_yes = any(str(each).upper() in _YES for each in stated)
                is_yes = is_yes and purpose == "marketing"
            else:
                state = stated.get(purpose) if isinstance(stated, Mapping) else None
                consent = state.get("consent") if isinstance(state, Mapping) else None
                is_yes = str(consent).upper() in _YES
            if is_yes:
                channels.append(channel.value)
    return tuple(channels)


def subscribe(
    site: Site,
    subscription: Subscription,
    *,
    circumstances: Circumstances,
    server: str,
    at: datetime,
) -> None:
    """Store a person with their consents and the list. Raises Invalid, and Throttled.

    If a form with double opt-in joins people to the same list, e-mail waits for a confirmation
    here, too. A list that does not exist is passed over: nothing is told about lists.
    """
    account = site.account
    record = profile_record(site, subscription.person, f"{_PLACE}/data/attributes", at=at)
    addresses = _addresses(subscription.person.record)
    if "email" in addresses:
        limit_email(account, addresses["email"], at=at)
    channels = subscription.channels or tuple(
        channel for channel in (Channel.EMAIL, Channel.SMS) if ADDRESS[channel] in addresses
    )
    row = List.objects.filter(account=account, key=subscription.list_key).first()
    version = None if row is None else _double_opt_in_version(row)
    email = addresses.get("email") if Channel.EMAIL in channels else None
    waits = version is not None and needs_confirmation(account, email)
    with transaction.atomic():
        if row is not None and not waits:
            record = record._replace(lists=((row.name, None),))
        result = ingest_profiles(account=account, records=[record], at=at, unproven=True)
        if result.profile_ids[0] is None:
            return
        for channel in channels:
            address = addresses.get(ADDRESS[channel])
            if address is None:
                continue
            if channel == Channel.EMAIL and waits and version is not None:
                ask_for_confirmation(
                    site=site,
                    version=version,
                    row=None,
                    email=address,
                    wording=subscription.source,
                    circumstances=circumstances,
                    server=server,
                    at=at,
                )
            else:
                _agree(site, channel, address, subscription.source, circumstances, at)


def _addresses(record: Mapping[str, Any]) -> dict[str, str]:
    """The addresses that were entered, as they are stored."""
    entered = {name: record[name] for name in ("email", "phone_number") if record.get(name)}
    try:
        values = read_profile(entered).identifiers if entered else {}
    except Invalid:
        return {}
    return {name: value for name, value in values.items() if value is not None}


def _double_opt_in_version(row: List) -> FormVersion | None:
    """The newest version of a form that joins people to a list after a confirmation."""
    versions = FormVersion.objects.select_related("form", "account")
    mine = versions.filter(account=row.account, form__list=row, form__double_opt_in=True)
    return mine.order_by("-created", "-pk").first()


def _agree(
    site: Site,
    channel: str,
    address: str,
    source: str,
    circumstances: Circumstances,
    at: datetime,
) -> None:
    """Store the consent with whoever has the address it is about, and its proof."""
    consent = consent_record(
        channel, ConsentStatus.SUBSCRIBED, method=METHOD, detail=source or None
    )._replace(custom_source=source or None)
    record = read_profile({ADDRESS[channel]: address})._replace(consents=(consent,))
    result = ingest_profiles(
        account=site.account, records=[record], at=at, cause=Cause.CONSENT, unproven=True
    )
    owner = result.profile_ids[0]
    if owner is None:
        return
    lift_unsubscribe(site.account_id, owner, channel, before=at, at=at)
    add_proof(
        account=site.account,
        profile_id=owner,
        channel=channel,
        status=ConsentStatus.SUBSCRIBED,
        source=ProofSource.FORM,
        version=None,
        wording=source,
        circumstances=circumstances,
        at=at,
    )
