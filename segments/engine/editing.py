"""Changes that people make to segments: save, star, activate. They queue builds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from profiles.models import Cause
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, Invalid, Problem
from segments.definition.codec import encode
from segments.engine.build_queue import request_build
from segments.engine.checking import check_definition
from segments.engine.revisions import EditConflict, Revision, has_changed
from segments.models import Segment, SegmentStatus, SegmentVersion


def set_star(segment: Segment, *, on: bool) -> None:
    Segment.objects.filter(pk=segment.pk).update(is_starred=on)


@transaction.atomic
def set_active(segment: Segment, *, on: bool, at: datetime) -> None:
    """Resume updates of a segment, which is built again; or leave its membership as it is."""
    locked = Segment.objects.select_for_update().filter(pk=segment.pk).first()
    if locked is None or locked.is_active == on:  # None: somebody has just deleted it
        return
    locked.is_active = on
    locked.updated = at
    locked.warned = locked.retired = None
    if on:
        locked.status, locked.error = SegmentStatus.BUILDING, ""
        locked.used = at
    locked.save(
        update_fields=["is_active", "updated", "status", "error", "used", "warned", "retired"]
    )
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
    announces: bool = False,
) -> Segment:
    """Create or change a segment, and queue a build if the definition changed.

    `announces` lets all webhooks hear who enters and leaves by the change; without it only those do
    that receive edits always.

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
            saved.used, saved.warned = at, None
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
                request_build(saved, cause=Cause.DEFINITION, at=at, announces=announces)
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
