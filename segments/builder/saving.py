"""The end of building: what a change of definition would do, and saving it with its tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from profiles.columns.gather import everyone
from profiles.columns.population import UnknownKey
from segmenter.accounts.models import Account, Seat
from segmenter.kernel.errors import Invalid, Problem
from segments.builder.tags import set_tags
from segments.definition.codec import encode
from segments.definition.tree import Unsupported
from segments.engine.checking import check_definition
from segments.engine.drafts import close_draft
from segments.engine.editing import save_segment
from segments.engine.evaluate import Evaluation
from segments.engine.membership import members
from segments.engine.revisions import Revision
from segments.models import Segment


@dataclass(frozen=True)
class Changes:
    """How many people enter and leave by a new definition, at present."""

    before: int
    after: int
    entering: int
    leaving: int


def changes_of(
    account: Account, segment: Segment, definition: Mapping[str, Any], at: datetime
) -> Changes | None:
    """What a definition would do to a segment; None if it is the one that the segment has.

    Raises Invalid for a definition that cannot be.
    """
    tree = check_definition(account, definition, segment.key)
    if encode(tree) == segment.definition:
        return None
    people = everyone(account)
    try:
        members_after = people.ids[Evaluation(people, at).mask(tree)]
    except (UnknownKey, Unsupported) as error:
        raise Invalid(Problem("", "unsupported", str(error))) from error
    current = members(segment.pk)
    unchanged = len(np.intersect1d(current, members_after, assume_unique=True))
    return Changes(
        len(current), len(members_after), len(members_after) - unchanged, len(current) - unchanged
    )


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
) -> Segment:
    """Save a segment with its tags; close the draft with the key `draft`.

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
