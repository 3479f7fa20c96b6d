"""Unsaved contents of the builder: a row for each draft, written with each change.

A draft has a key that only its owner can open. Its row is created with the first change. Until then
the key alone exists and means an empty builder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from segmenter.accounts.models import Seat
from segmenter.kernel.keys import KEY_LENGTH, new_key
from segments.engine.revisions import Revision
from segments.models import Draft, Segment

MOST_DRAFTS = 20
"""Open drafts of a person in an account; the oldest are deleted."""
MOST_AGE = timedelta(days=30)
CLOSED_AGE = timedelta(days=1)
_SIGNATURE_LENGTH = 10


def new_draft_key(seat: Seat) -> str:
    """A key for a draft of this person in this account."""
    key = new_key()
    return key + _signature(seat, key)


def is_key_of(seat: Seat, key: str) -> bool:
    """Whether a key was issued to this person in this account."""
    return constant_time_compare(key[KEY_LENGTH:], _signature(seat, key[:KEY_LENGTH]))


def _signature(seat: Seat, key: str) -> str:
    text = f"{seat.account_id}:{seat.user_id}:{key}"
    return salted_hmac("segments.draft", text, algorithm="sha256").hexdigest()[:_SIGNATURE_LENGTH]


def find_draft(seat: Seat, key: str) -> Draft | None:
    """The person's draft with this key, closed or not; None if it has no row."""
    if not key or "\0" in key:
        return None
    return _of(seat).filter(key=key).select_related("segment").first()


def unfinished_drafts(seat: Seat, *, segment: Segment | None = None) -> QuerySet[Draft]:
    """The person's open drafts (of one segment), newest first."""
    drafts = _of(seat).filter(closed=None).select_related("segment").order_by("-updated", "-pk")
    return drafts.filter(segment=segment) if segment is not None else drafts


def draft_url(key: str, segment: Segment | None) -> str:
    """The URL of the page that continues a draft."""
    page = reverse("segments:edit", args=[segment.key]) if segment else reverse("segments:new")
    return f"{page}?draft={key}"


def write_draft(
    *,
    seat: Seat,
    key: str,
    segment: Segment | None,
    revision: Revision | None,
    name: str,
    tags: Sequence[str],
    definition: Mapping[str, Any],
    at: datetime,
) -> bool:
    """Write the contents of the builder. Contents equal to what is saved leave no draft.

    Returns False if the draft is closed: a draft that was saved or discarded is not reopened.
    """
    tags = [tag for tag in tags if tag.strip()]
    if _says_nothing(segment, revision, name, tags, definition):
        _of(seat).filter(key=key, closed=None).delete()
        return not _of(seat).filter(key=key).exists()
    values = {
        "name": name[:200],
        "tags": tags,
        "definition": definition,
        "segment": segment,
        "revision": revision.as_json if revision else None,
        "updated": at,
    }
    if _of(seat).filter(key=key, closed=None).update(**values):
        return True
    row = Draft(account_id=seat.account_id, user_id=seat.user_id, key=key, **values)
    Draft.objects.bulk_create([row], ignore_conflicts=True)
    _forget_oldest(seat)
    return bool(_of(seat).filter(key=key, closed=None).update(**values))


def close_draft(seat: Seat, key: str, *, at: datetime, became: Segment | None = None) -> None:
    """Close a draft that was saved as a segment or discarded. Its contents are deleted."""
    contents: dict[str, Any] = {"name": "", "tags": [], "definition": {}, "revision": None}
    Draft.objects.update_or_create(
        account_id=seat.account_id,
        user_id=seat.user_id,
        key=key,
        defaults={**contents, "segment": became, "closed": at, "updated": at},
    )


def delete_old_drafts(at: datetime) -> int:
    """Delete all drafts that nobody has changed for long; return how many."""
    old = Q(closed=None, updated__lt=at - MOST_AGE) | Q(closed__lt=at - CLOSED_AGE)
    return Draft.objects.filter(old).delete()[0]


def _forget_oldest(seat: Seat) -> None:
    for is_open in (True, False):
        rows = _of(seat).filter(closed__isnull=is_open).order_by("-updated", "-pk")
        over = list(rows.values_list("pk", flat=True)[MOST_DRAFTS:])
        Draft.objects.filter(pk__in=over).delete()


def _says_nothing(
    segment: Segment | None,
    revision: Revision | None,
    name: str,
    tags: Sequence[str],
    definition: Mapping[str, Any],
) -> bool:
    if segment is None:
        return revision is None and not name.strip() and not tags and definition == new_definition()
    saved_tags = sorted(tag.name for tag in segment.tags.all())
    return definition == segment.definition and name == segment.name and sorted(tags) == saved_tags


def _of(seat: Seat) -> QuerySet[Draft]:
    return Draft.objects.filter(account_id=seat.account_id, user_id=seat.user_id)


def new_definition() -> dict[str, Any]:
    """An empty definition: one group with one condition without a kind."""
    return {"condition_groups": [{"conditions": [{}]}]}
