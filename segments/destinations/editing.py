"""Making, changing, pausing and ending destinations. What they send is `sync`'s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from profiles.consent_words import Channel
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Invalid, NotFound, Problem
from segments.destinations.access import access_of, encrypt_secrets
from segments.destinations.kind import (
    DestinationAccess,
    ListDestination,
    list_destinations,
    preparations,
)
from segments.destinations.sync import due
from segments.engine.remote_call import ApiFailure
from segments.member_files.column import Shop, columns_of
from segments.models import ConnectionState, Destination, Schedule, Segment

MOST_VALUE = 2_000
"""Characters of a field."""
MOST_NAME = 200
MOST_COLUMNS = 50
"""Columns that are sent with each person."""
SCHEDULES = (Schedule.SOON, Schedule.HOURLY, Schedule.DAILY)
"""Those of list destinations."""


@dataclass(frozen=True)
class ListPlan:
    """What somebody chooses for a list destination."""

    values: Mapping[str, str]
    """Of the kind's fields, by their names. An empty secret stays as it is."""
    columns: Sequence[str] = ()
    channel: str = ""
    schedule: str = Schedule.HOURLY
    hour: int | None = None


def get_kind(name: str) -> ListDestination:
    """Return a kind of list destination. Raises NotFound."""
    if name not in list_destinations:
        raise NotFound(_("The kind of destination"))
    return list_destinations[name]


def get_destination(account: Account, segment: Segment, key: str) -> Destination:
    """Return one of the segment's destinations. Raises NotFound."""
    rows = Destination.objects.filter(account=account, segment=segment, key=key)
    row = rows.select_related("user", "account", "segment").first()
    if row is None:
        raise NotFound(_("The destination"))
    return row


def create(
    *, segment: Segment, kind: str, plan: ListPlan, user: User | None, at: datetime
) -> Destination:
    """Make a destination, which is brought up to date at once. The receiver is asked first whether
    it takes what is entered. Raises Invalid, NotFound for the kind."""
    receiver = get_kind(kind)
    settings, secrets = _read(receiver, plan.values, {})
    _check_plan(segment, receiver, plan, at)
    access = DestinationAccess(settings, secrets, segment.account_id)
    with transaction.atomic():
        try:
            if kind in preparations:
                settings = dict(preparations[kind](access))
                access = DestinationAccess(settings, secrets, segment.account_id)
            name = receiver.check(access)
        except ApiFailure as failure:
            raise _refusal(receiver, failure) from None
        destination = Destination.objects.create(
            account_id=segment.account_id,
            segment=segment,
            kind=kind,
            name=name[:MOST_NAME],
            settings=settings,
            secrets=encrypt_secrets(secrets),
            columns=list(plan.columns),
            channel=plan.channel,
            schedule=plan.schedule,
            hour=plan.hour,
            next_at=at,
            user=user,
            created=at,
        )
        due.call_after_commit(destination.pk)
    return destination


def change(destination: Destination, *, plan: ListPlan, at: datetime) -> None:
    """Change a destination and compare everyone. Raises Invalid.

    Another place begins with everyone; whoever is at the old one stays there.
    """
    receiver = get_kind(destination.kind)
    try:
        before = access_of(destination).secrets
    except ApiFailure:
        before = {}
    if destination.kind in preparations:
        settings, secrets = destination.settings, dict(before)
    else:
        settings, secrets = _read(receiver, plan.values, before)
    _check_plan(destination.segment, receiver, plan, at)
    try:
        name = receiver.check(DestinationAccess(settings, secrets, destination.account_id))
    except ApiFailure as failure:
        raise _refusal(receiver, failure) from None
    with transaction.atomic():
        row = Destination.objects.select_for_update(no_key=True).get(pk=destination.pk)
        if row.settings != settings:
            row.members.all().delete()
        row.name, row.settings, row.secrets = name[:MOST_NAME], settings, encrypt_secrets(secrets)
        row.columns, row.channel = list(plan.columns), plan.channel
        row.schedule, row.hour = plan.schedule, plan.hour
        row.save()
        _start(row, at)


def pause(destination: Destination) -> None:
    """Send nothing more, from the next request on."""
    Destination.objects.filter(pk=destination.pk).update(
        state=ConnectionState.PAUSED, claim=None, lease=None
    )


def compare_everyone(destination: Destination, at: datetime) -> None:
    """Compare everyone now, and send again if it was paused or needed attention."""
    with transaction.atomic():
        _start(Destination.objects.select_for_update(no_key=True).get(pk=destination.pk), at)


def delete(destination: Destination, *, empties: bool, at: datetime) -> None:
    """Delete a destination. With `empties`, everybody is first taken out there by a worker."""
    if not empties:
        Destination.objects.filter(pk=destination.pk).delete()
        return
    with transaction.atomic():
        row = Destination.objects.select_for_update(no_key=True).get(pk=destination.pk)
        row.is_ending = True
        row.save(update_fields=["is_ending"])
        _start(row, at)


def _start(row: Destination, at: datetime) -> None:
    Destination.objects.filter(pk=row.pk).update(
        state=ConnectionState.ON,
        claim=None,
        lease=None,
        next_at=at,
        compared_all=None,
        failures=0,
        error="",
    )
    due.call_after_commit(row.pk)


def _refusal(receiver: ListDestination, failure: ApiFailure) -> Invalid:
    message = _("%(place)s says: %(words)s") % {"place": receiver.label, "words": failure.words}
    return Invalid(Problem("", "refused", message))


def _check_plan(segment: Segment, kind: ListDestination, plan: ListPlan, at: datetime) -> None:
    problems = []
    if plan.channel and plan.channel not in Channel.values:
        problems.append(Problem("/channel", "invalid", _("There is no such channel.")))
    if plan.schedule not in SCHEDULES:
        problems.append(Problem("/schedule", "invalid", _("There is no such schedule.")))
    if plan.hour is not None and not 0 <= plan.hour < 24:
        problems.append(Problem("/hour", "invalid", _("An hour is from 0 to 23.")))
    if plan.columns and not kind.takes_columns:
        problems.append(Problem("/columns", "invalid", _("No columns can be sent there.")))
    if len(plan.columns) > MOST_COLUMNS:
        message = _("At most %(most)s columns can be sent.") % {"most": MOST_COLUMNS}
        problems.append(Problem("/columns", "too_many", message))
    if problems:
        raise Invalid(*problems)
    if plan.columns:
        columns_of(Shop(segment.account, at), plan.columns)


def _read(
    kind: ListDestination, values: Mapping[str, str], before: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The fields that are not secret and those that are, checked."""
    problems = []
    settings: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for each in kind.fields:
        value = values.get(each.name, "").strip()
        if each.is_secret and not value:
            value = before.get(each.name, "")
        if not value and each.is_required:
            problems.append(Problem(f"/{each.name}", "required", _("This is needed.")))
        elif len(value) > MOST_VALUE or not value.isprintable():
            problems.append(Problem(f"/{each.name}", "invalid", _("This cannot be right.")))
        (secrets if each.is_secret else settings)[each.name] = value
    if problems:
        raise Invalid(*problems)
    return settings, secrets
