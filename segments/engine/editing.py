"""Changes that people make to segments: save, delete, star, activate. They queue builds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext

from profiles.models import Cause
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, Invalid, Problem
from segmenter.kernel.registry import Registry
from segments.definition.codec import encode
from segments.engine.build_queue import request_build
from segments.engine.checking import check_definition
from segments.engine.queries import referring_segments
from segments.engine.revisions import EditConflict, Revision, has_changed
from segments.models import Segment, SegmentStatus, SegmentVersion

dependents: Registry[Callable[[int, str], list[str]]] = Registry("dependents of segments")
"""Registered by the apps above: (account id, key of a segment) -> names of what refers to it."""


def set_star(segment: Segment, *, on: bool) -> None:
    Segment.objects.filter(pk=segment.pk).update(is_starred=on)


@transaction.atomic
def set_active(segment: Segment, *, on: bool, at: datetime) -> None:
    """Resume updates of a segment, which is built again; or leave its membership as it is."""
    locked = Segment.objects.select_for_update().get(pk=segment.pk)
    if locked.is_active == on:
        return
    locked.is_active = on
    locked.updated = at
    if on:
        locked.status, locked.error = SegmentStatus.BUILDING, ""
    locked.save(update_fields=["is_active", "updated", "status", "error"])
    if on:
        request_build(locked, cause=Cause.DEFINITION, at=at)


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
    """Create or change a segment, and queue a build if the definition changed.

    Raises Invalid for an invalid definition or name, Conflict for a name that exists already, and
    EditConflict if the segment has changed `since` that revision or is deleted.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= 200:
        raise Invalid(
            Problem("/name", "required", gettext("A segment needs a name of 1 to 200 characters."))
        )
    tree = check_definition(account, definition, segment.key if segment else "")
    document = encode(tree)
    try:
        with transaction.atomic():
            saved = (
                _locked(account, segment, since)
                if segment
                else Segment(account=account, created=at, version=0)
            )
            changed = segment is None or saved.definition != document
            saved.name, saved.definition, saved.updated = name, document, at
            saved.editor, saved.edited = user, at
            if is_starred is not None:
                saved.is_starred = is_starred
            if changed:
                saved.version += 1
                saved.status, saved.error = SegmentStatus.BUILDING, ""
            saved.save()
            if changed:
                SegmentVersion.objects.create(
                    segment=saved, number=saved.version, definition=document, user=user, at=at
                )
                request_build(saved, cause=Cause.DEFINITION, at=at)
    except IntegrityError:
        message = gettext("There is a segment “%(name)s” already.") % {"name": name}
        raise Conflict(Problem("/name", "duplicate", message)) from None
    return saved


def _locked(account: Account, segment: Segment, since: Revision | None) -> Segment:
    """The segment's row, locked. Raises EditConflict if it is deleted or has changed."""
    locked = Segment.objects.select_for_update().filter(pk=segment.pk, account=account).first()
    if locked is None or (since is not None and has_changed(locked, since)):
        raise EditConflict
    return locked


def delete_segment(*, account: Account, segment: Segment) -> None:
    """Delete a segment with its membership and ledger. Raises Conflict if anything refers to it."""
    others = referring_segments(account.pk, segment.key)
    if others:
        message = gettext("The segment “%(name)s” refers to this one.") % {"name": others[0].name}
        raise Conflict(Problem("", "in_use", message))
    with transaction.atomic():
        locked = Segment.objects.select_for_update().get(pk=segment.pk, account=account)
        names = [name for _app, find in dependents.items() for name in find(account.pk, locked.key)]
        if names:
            message = gettext("This segment is still in use: %(names)s.")
            raise Conflict(Problem("", "in_use", message % {"names": ", ".join(sorted(names))}))
        with connection.cursor() as cursor:
            for table in ("segments_membership", "segments_membershipchange"):
                cursor.execute(f"DELETE FROM {table} WHERE segment_id = %s", [locked.pk])
        locked.delete()
