"""The end of building: saving a segment with its tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from segmenter.accounts.models import Seat
from segments.engine.drafts import close_draft
from segments.engine.editing import save_segment
from segments.engine.revisions import Revision
from segments.engine.tags import set_tags
from segments.models import Segment


@transaction.atomic
def save(
    *,
    seat: Seat,
    segment: Segment | None,
    name: str,
    tags: list[str],
    definition: Mapping[str, Any],
    at: datetime,
    since: Revision | None = None,
    draft: str = "",
    announces: bool = False,
) -> Segment:
    """Save a segment with its tags; close the draft with the key `draft`.

    `announces`: all webhooks hear who enters and leaves by the change.

    Tags that others gave or took `since` then stay so. Raises Invalid or Conflict, EditConflict
    if the segment's name or definition is another than then.
    """
    saved = save_segment(
        account=seat.account,
        user=seat.user,
        name=name,
        definition=definition,
        segment=segment,
        at=at,
        since=since,
        announces=announces,
    )
    theirs = [tag.name for tag in saved.tags.all()] if segment else []
    then = since.tags if since else theirs
    set_tags(account=seat.account, segment=saved, names=merged_tags(theirs, then, tags))
    if draft:
        close_draft(seat, draft, at=at, became=saved)
    return saved


def merged_tags(theirs: Sequence[str], then: Sequence[str], mine: Sequence[str]) -> list[str]:
    """The tags after the edits of two people since `then`: both additions and removals count."""
    left = [tag for tag in theirs if tag in mine or tag not in then]
    return [*left, *(tag for tag in mine if tag not in then and tag not in left)]
