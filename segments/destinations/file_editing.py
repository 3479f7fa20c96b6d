"""Setting up destinations of files, changing, pausing and ending them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from segmenter.accounts.models import User
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem
from segments.destinations.access import access_of, encrypt_secrets
from segments.destinations.file_contents import FileContents, check_contents
from segments.destinations.kind import DestinationAccess
from segments.destinations.store import FileStore, file_stores
from segments.destinations.sync import due
from segments.engine.remote_call import ApiFailure
from segments.member_files.column import Shop
from segments.member_files.request import check_request
from segments.models import ConnectionState, Destination, Schedule, Segment

MOST_DESTINATIONS = 20
"""Of one segment."""
SCHEDULES = (Schedule.HOURLY, Schedule.DAILY, Schedule.WEEKLY)


@dataclass(frozen=True)
class FileSetup:
    """What a person enters for a destination of files."""

    values: Mapping[str, str]
    """Of all fields of the store; a secret one that is empty stays as it is."""
    contents: FileContents
    schedule: str
    hour: int
    weekday: int


def store_of(kind: str) -> FileStore:
    """Return a store of files. Raises NotFound."""
    if kind not in file_stores:
        raise NotFound("The store")
    return file_stores[kind]


def file_destination(segment: Segment, key: str) -> Destination:
    """Return one of the segment's destinations of files. Raises NotFound."""
    rows = Destination.objects.select_related("account", "segment", "user").filter(
        account=segment.account_id, segment=segment, key=key, is_ending=False
    )
    destination = rows.first()
    if destination is None or destination.kind not in file_stores:
        raise NotFound("The destination")
    return destination


def set_up(
    segment: Segment, kind: str, setup: FileSetup, *, user: User | None, at: datetime
) -> Destination:
    """Make a destination, once the store says that files can be put there. Raises Invalid."""
    rows = Destination.objects.filter(account=segment.account_id, segment=segment)
    if rows.count() >= MOST_DESTINATIONS:
        message = _("There are %(most)s already; delete one first.") % {"most": MOST_DESTINATIONS}
        raise Conflict(Problem("", "too_many", message))
    destination = Destination(
        account=segment.account, segment=segment, kind=kind, user=user, created=at
    )
    _apply(destination, setup, at)
    destination.next_at = at
    destination.save()
    due.call_after_commit(destination.pk)
    return destination


def change(destination: Destination, setup: FileSetup, at: datetime) -> None:
    """Change a destination; a file is made at once. Raises Invalid."""
    _apply(destination, setup, at)
    names = ("name", "settings", "secrets", "contents", "schedule", "hour", "weekday")
    _wake(destination, at, **{name: getattr(destination, name) for name in names})


def resume(destination: Destination, at: datetime) -> None:
    """Make a file now, and go on by the schedule."""
    _wake(destination, at)


def pause(destination: Destination) -> None:
    Destination.objects.filter(pk=destination.pk).update(
        state=ConnectionState.PAUSED, claim=None, lease=None
    )


def end(destination: Destination, at: datetime, *, deletes_files: bool) -> None:
    """Delete a destination: at once, or after the worker has deleted its files there."""
    if deletes_files:
        _wake(destination, at, is_ending=True)
    else:
        Destination.objects.filter(pk=destination.pk).delete()


def _wake(destination: Destination, at: datetime, **changes: object) -> None:
    with transaction.atomic():
        Destination.objects.filter(pk=destination.pk).update(
            state=ConnectionState.ON,
            error="",
            failures=0,
            compared_all=None,
            next_at=at,
            claim=None,
            lease=None,
            **changes,
        )
        due.call_after_commit(destination.pk)


def _apply(destination: Destination, setup: FileSetup, at: datetime) -> None:
    """Write a setup into the row, not into the database, after asking the store."""
    store = store_of(destination.kind)
    contents = replace(setup.contents, request=replace(setup.contents.request, **store.fixed))
    if store.fixed:
        contents = FileContents(contents.request, keep=1, name="{segment}")
    request = check_request(contents.request, Shop(destination.account, at))
    check_contents(contents)
    _check_schedule(setup)
    before = access_of(destination).secrets if destination.secrets else {}
    values = {field.name: setup.values.get(field.name, "").strip() for field in store.fields}
    secrets = {
        field.name: values[field.name] or before.get(field.name, "")
        for field in store.fields
        if field.is_secret
    }
    settings = {name: value for name, value in values.items() if name not in secrets}
    try:
        place = store.check(
            DestinationAccess(settings, secrets, destination.account_id, destination.pk)
        )
    except ApiFailure as failure:
        raise Invalid(Problem("", "refused", failure.words)) from None
    destination.name, destination.settings = place[:200], settings
    destination.secrets = encrypt_secrets(secrets)
    destination.contents = replace(contents, request=request).as_json()
    destination.schedule = setup.schedule
    is_timed = setup.schedule != Schedule.HOURLY
    destination.hour = setup.hour if is_timed else None
    destination.weekday = setup.weekday if setup.schedule == Schedule.WEEKLY else None


def _check_schedule(setup: FileSetup) -> None:
    is_known = setup.schedule in SCHEDULES and 0 <= setup.hour <= 23 and 0 <= setup.weekday <= 6
    if not is_known:
        raise Invalid(Problem("/schedule", "invalid", _("This is no schedule.")))
