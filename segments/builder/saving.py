"""The end of building: what a change of definition would do, and saving it with its tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from profiles.columns.gather import everyone
from profiles.columns.population import UnknownKey
from segmenter.accounts.models import Account, Seat
from segmenter.kernel.errors import Invalid, Problem
from segments.builder.drafts import drop_draft
from segments.builder.tags import set_tags
from segments.definition.codec import encode
from segments.definition.tree import Unsupported
from segments.engine.build import check_definition, save_segment
from segments.engine.evaluate import Evaluation
from segments.engine.membership import members
from segments.models import Segment


@dataclass(frozen=True)
class Changes:
    """How many people a new definition lets in and puts out, seen now."""

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
        wanted = people.ids[Evaluation(people, at).mask(tree)]
    except (UnknownKey, Unsupported) as error:
        raise Invalid(Problem("", "unsupported", str(error))) from error
    current = members(segment.pk)
    kept = len(np.intersect1d(current, wanted, assume_unique=True))
    return Changes(len(current), len(wanted), len(wanted) - kept, len(current) - kept)


@transaction.atomic
def save(
    *,
    seat: Seat,
    segment: Segment | None,
    name: str,
    tags: list[str],
    definition: Mapping[str, Any],
    at: datetime,
) -> Segment:
    """Save a segment with its tags; its draft is done with. Raises Invalid or Conflict."""
    saved = save_segment(
        account=seat.account,
        user=seat.user,
        name=name,
        definition=definition,
        segment=segment,
        at=at,
    )
    set_tags(account=seat.account, segment=saved, names=tags)
    drop_draft(seat, segment)
    return saved
