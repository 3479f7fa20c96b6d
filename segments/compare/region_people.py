"""The people of a region, a page at a time, and the definition that selects the same people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg.sql as sql
from django.utils.translation import gettext

from profiles.columns.ascending import Ints
from profiles.columns.packed_rows import fetch
from segmenter.accounts.models import Account
from segments.compare.overlap import SegmentState, read_members
from segments.compare.people_page import PeoplePage, people_page
from segments.definition.words import either, every

MOST_NAME = 200


@dataclass(frozen=True)
class RegionPeople:
    """The segments that a region is inside and outside of, and a page of its people."""

    inside: tuple[SegmentState, ...]
    outside: tuple[SegmentState, ...]
    page: PeoplePage


def people_of_region(
    account: Account, inside: Sequence[str], outside: Sequence[str], **cursor: int | None
) -> RegionPeople:
    """Who is in all segments of `inside` and in none of `outside` (keys), a page at a `cursor`.

    Raises NotFound, Invalid like `read_members`.
    """
    outside = [key for key in outside if key not in inside]
    sets = read_members(account, [*inside, *outside])
    k = len(dict.fromkeys(inside))
    if k:
        ids = sets.ids[sets.bits == (1 << k) - 1]
    else:
        ids = np.setdiff1d(_everyone(account), sets.ids, assume_unique=True)
    return RegionPeople(sets.segments[:k], sets.segments[k:], people_page(account, ids, **cursor))


def _everyone(account: Account) -> Ints:
    query = sql.SQL("SELECT id FROM profiles_profile WHERE account_id = {}")
    return np.sort(fetch(query.format(sql.Literal(account.pk)), ["int"])[0])


# --- as a segment --------------------------------------------------------------------------------


def region_definition(inside: Sequence[str], outside: Sequence[str]) -> dict[str, Any]:
    """A definition of who is in each of some segments and in none of others (keys)."""
    groups = [
        {"type": "profile-group-membership", "is_member": True, "group_ids": [key]}
        for key in inside
    ]
    if outside:
        none = {"type": "profile-group-membership", "is_member": False, "group_ids": [*outside]}
        groups.append(none)
    return {"condition_groups": [{"conditions": [group]} for group in groups]}


def region_name(inside: Sequence[str], outside: Sequence[str]) -> str:
    """A name for the segment of a region, from the names of the segments."""
    if not outside:
        text = gettext("In %(inside)s") % {"inside": every(inside)}
    elif inside:
        text = gettext("In %(inside)s, not in %(outside)s") % {
            "inside": every(inside),
            "outside": either(outside),
        }
    else:
        text = gettext("Not in %(outside)s") % {"outside": either(outside)}
    return text[:MOST_NAME]
