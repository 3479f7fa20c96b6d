"""What a person agreed to, as the preference page shows it, and their changes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forms_targeting.engine.circumstances import Circumstances
from forms_targeting.engine.consent_statements import add_proof, consent_record
from forms_targeting.models import Form, ProofSource, Site
from profiles.consent_words import Channel, ConsentStatus
from profiles.ingest.parse import ProfileRecord
from profiles.ingest.store import ingest_profiles
from profiles.ingest.suppressions import lift_unsubscribe
from profiles.lists.editing import remove_from_list
from profiles.models import Cause, Consent, List, Profile
from profiles.reachability import ADDRESS, status_of

METHOD, ONE_CLICK = "preference_page", "one_click_unsubscribe"
"""How a statement was made, in Klaviyo's words."""
CHANNELS: dict[str, str | Promise] = {
    Channel.EMAIL.value: gettext_lazy("E-mails with news and offers"),
    Channel.SMS.value: gettext_lazy("Text messages with news and offers"),
    Channel.WHATSAPP_MARKETING.value: gettext_lazy("WhatsApp messages with news and offers"),
}
"""What people can agree to here. Messages about orders are no marketing and need no consent."""


@dataclass(frozen=True)
class ChannelChoice:
    """A channel on which the person can be reached."""

    channel: str
    label: str | Promise
    address: str
    is_subscribed: bool


def channel_choices(person: Profile, *, at: datetime) -> list[ChannelChoice]:
    """Return the channels for which the shop has an address of the person.

    WhatsApp only for those who ever stated something about it.
    """
    consents = {row.channel: row for row in Consent.objects.filter(profile=person)}
    choices = []
    for channel, label in CHANNELS.items():
        address = getattr(person, ADDRESS[channel])
        consent = consents.get(channel)
        if not address or (channel.startswith("whatsapp") and consent is None):
            continue
        is_current = consent is not None and (
            consent.status_date is None or consent.status_date <= at
        )
        status = status_of(consent.status if consent else None, is_current)
        is_subscribed = status == ConsentStatus.SUBSCRIBED
        choices.append(ChannelChoice(channel, label, address, is_subscribed))
    return choices


def joined_lists(person: Profile) -> list[List]:
    """Return the lists with the person that a form of the shop joins people to.

    Other lists are the shop's own sorting: their names are not for visitors.
    """
    form_lists = Form.objects.filter(account=person.account).values("list")
    lists = List.objects.filter(account=person.account, members__profile=person)
    return list(lists.filter(pk__in=form_lists).order_by("name", "pk"))


def save_choices(
    site: Site,
    person: Profile,
    *,
    channels: Iterable[str],
    list_keys: Iterable[str],
    circumstances: Circumstances,
    at: datetime,
) -> bool:
    """Store the channels and lists that the person wants; return whether anything changed.

    Only what differs from the present state is a statement, and gets a proof.
    """
    chosen_channels, keys = set(channels), set(list_keys)
    statuses = {
        choice.channel: ConsentStatus.SUBSCRIBED
        if choice.channel in chosen_channels
        else ConsentStatus.UNSUBSCRIBED
        for choice in channel_choices(person, at=at)
        if (choice.channel in chosen_channels) != choice.is_subscribed
    }
    lists_to_leave = [row for row in joined_lists(person) if row.key not in keys]
    with transaction.atomic():
        _state(site, person, statuses, METHOD, circumstances, at)
        for row in lists_to_leave:
            remove_from_list(account=person.account, key=row.key, profile_ids=[person.pk], at=at)
    return bool(statuses or lists_to_leave)


def unsubscribe_from_all(
    site: Site, person: Profile, *, circumstances: Circumstances, at: datetime
) -> None:
    """Unsubscribe a person from every channel, also from those never agreed to, and from lists."""
    statuses = {
        choice.channel: ConsentStatus.UNSUBSCRIBED for choice in channel_choices(person, at=at)
    }
    with transaction.atomic():
        _state(site, person, statuses, METHOD, circumstances, at)
        for row in joined_lists(person):
            remove_from_list(account=person.account, key=row.key, profile_ids=[person.pk], at=at)


def unsubscribe_by_one_click(
    site: Site, person: Profile, *, circumstances: Circumstances, at: datetime
) -> None:
    """Unsubscribe a person from e-mail (RFC 8058)."""
    statuses = {Channel.EMAIL.value: ConsentStatus.UNSUBSCRIBED}
    with transaction.atomic():
        _state(site, person, statuses, ONE_CLICK, circumstances, at)


def _state(
    site: Site,
    person: Profile,
    statuses: dict[str, ConsentStatus],
    method: str,
    circumstances: Circumstances,
    at: datetime,
) -> None:
    """Store statements about channels, each with its proof; in the caller's transaction."""
    consents = tuple(
        consent_record(channel, status, method=method, dated=at)
        for channel, status in statuses.items()
    )
    if not consents:
        return
    record = ProfileRecord(person.pk, {}, consents=consents)
    ingest_profiles(account=person.account, records=[record], at=at, cause=Cause.CONSENT)
    for channel, status in statuses.items():
        if status == ConsentStatus.SUBSCRIBED:
            lift_unsubscribe(person.account_id, person.pk, channel, before=at, at=at)
        add_proof(
            account=person.account,
            profile_id=person.pk,
            channel=channel,
            status=status,
            source=ProofSource.PREFERENCES,
            version=None,
            wording=_wording(site, channel, status, method),
            circumstances=circumstances,
            at=at,
        )


def _wording(site: Site, channel: str, status: ConsentStatus, method: str) -> str:
    """What the person saw and chose."""
    about = {"shop": site.sender_name or site.account.name, "what": CHANNELS[channel]}
    if method == ONE_CLICK:
        return _("%(shop)s: unsubscribe in the mail program") % about
    if status == ConsentStatus.SUBSCRIBED:
        return _("%(shop)s: %(what)s – yes") % about
    return _("%(shop)s: %(what)s – no") % about
