"""What people change of segments: save, delete, star, activate. Builds follow from here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext

from profiles.models import Cause
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, Invalid, Problem
from segments.definition.codec import encode
from segments.engine.build_queue import ask_for_build
from segments.engine.checking import check_definition
from segments.engine.queries import referring_segments
from segments.engine.revisions import EditConflict, Revision, has_changed
from segments.models import Segment, SegmentStatus, SegmentVersion


def set_star(segment: Segment, *, on: bool) -> None:
    Segment.objects.filter(pk=segment.pk).update(is_starred=on)


@transaction.atomic
def set_active(segment: Segment, *, on: bool, at: datetime) -> None:
    """Keep a segment up to date again (it is built anew), or leave its membership as it is."""
    locked = Segment.objects.select_for_update().get(pk=segment.pk)
    if locked.is_active == on:
        return
    locked.is_active = on
    locked.updated = at
    if on:
        locked.status, locked.error = SegmentStatus.BUILDING, ""
    locked.save(update_fields=["is_active", "updated", "status", "error"])
    if on:
        ask_for_build(locked, cause=Cause.DEFINITION, at=at)


def save_segment(
    *,
    account: Account,
    user: User | None,
    name: str,
    definition: Any,
    at: datetime,
    segment: Segment | None = None,
    is_starred: bool | None = None,
    since: Revision | None = None,
) -> Segment:
    """Create a segment or change one, and ask for its build where the definition changed.

    Raises Invalid for a definition or name that cannot be, Conflict for a name that is taken,
    EditConflict if the segment is no longer what it was `since` then, or is deleted.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= 200:
        raise Invalid(
            Problem("/name", "required", gettext("A segment needs a name of 1 to 200 characters."))
        )
    tree = check_definition(account, definition, segment.key if segment else "")
    written = encode(tree)
    try:
        with transaction.atomic():
            saved = (
                _locked(account, segment, since)
                if segment
                else Segment(account=account, created=at, version=0)
            )
            changed = segment is None or saved.definition != written
            saved.name, saved.definition, saved.updated = name, written, at
            saved.editor, saved.edited = user, at
            if is_starred is not None:
                saved.is_starred = is_starred
            if changed:
                saved.version += 1
                saved.status, saved.error = SegmentStatus.BUILDING, ""
            saved.save()
            if changed:
                SegmentVersion.objects.create(
                    segment=saved, number=saved.version, definition=written, user=user, at=at
                )
                ask_for_build(saved, cause=Cause.DEFINITION, at=at)
    except IntegrityError:
        message = gettext("There is a segment “%(name)s” already.") % {"name": name}
        raise Conflict(Problem("/name", "duplicate", message)) from None
    return saved


def _locked(account: Account, segment: Segment, since: Revision | None) -> Segment:
    """The segment's row, locked. Raises EditConflict if it is gone, or not as it was."""
    locked = Segment.objects.select_for_update().filter(pk=segment.pk, account=account).first()
    if locked is None or (since is not None and has_changed(locked, since)):
        raise EditConflict
    return locked


def delete_segment(*, account: Account, segment: Segment) -> None:
    """Delete a segment with its membership and ledger. Raises Conflict if another refers to it."""
    others = referring_segments(account.pk, segment.key)
    if others:
        message = gettext("The segment “%(name)s” refers to this one.") % {"name": others[0].name}
        raise Conflict(Problem("", "in_use", message))
    with transaction.atomic():
        locked = Segment.objects.select_for_update().get(pk=segment.pk, account=account)
        with connection.cursor() as cursor:
            for table in ("segments_membership", "segments_membershipchange"):
                cursor.execute(f"DELETE FROM {table} WHERE segment_id = %s", [locked.pk])
        locked.delete()
