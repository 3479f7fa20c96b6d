"""What somebody has in the builder and has not saved: kept with each preview, until saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from segmenter.accounts.models import Seat
from segments.builder.forms import new_definition
from segments.models import Draft, Segment


def find_draft(seat: Seat, segment: Segment | None) -> Draft | None:
    """The person's draft of a segment, or of a new one."""
    found: Draft | None = _drafts(seat, segment).first()
    return found


def keep_draft(
    *,
    seat: Seat,
    segment: Segment | None,
    name: str,
    definition: Mapping[str, Any],
    at: datetime,
) -> None:
    """Keep what is in the builder; what says nothing beyond what is saved leaves no draft."""
    saved = segment.definition if segment else new_definition()
    saved_name = segment.name if segment else ""
    if definition == saved and name in ("", saved_name):
        drop_draft(seat, segment)
        return
    Draft.objects.update_or_create(
        account_id=seat.account_id,
        user_id=seat.user_id,
        segment=segment,
        defaults={"name": name[:200], "definition": definition, "updated": at},
    )


def drop_draft(seat: Seat, segment: Segment | None) -> None:
    """Forget the person's draft of a segment, or of a new one."""
    _drafts(seat, segment).delete()


def _drafts(seat: Seat, segment: Segment | None) -> Any:
    return Draft.objects.filter(account_id=seat.account_id, user_id=seat.user_id, segment=segment)
