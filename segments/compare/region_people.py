"""The people of a region, a page at a time, and the definition that selects the same people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.utils.translation import gettext

from profiles.columns.ascending import Ints
from profiles.models import Profile
from segmenter.accounts.list_page import PAGE_SIZE
from segmenter.accounts.models import Account
from segments.compare.overlap import SegmentState, read_members
from segments.definition.words import either, every

MOST_NAME = 200


@dataclass(frozen=True)
class RegionPeople:
    """A page of the people of a region by id, and their total number."""

    inside: tuple[SegmentState, ...]
    outside: tuple[SegmentState, ...]
    count: int
    rows: list[Profile]
    before: int | None = None
    """The id for the link to the page before; None if there is none."""
    after: int | None = None


def people_of_region(
    account: Account,
    inside: Sequence[str],
    outside: Sequence[str],
    *,
    after: int | None = None,
    before: int | None = None,
) -> RegionPeople:
    """Who is in all segments of `inside` and in none of `outside` (keys), at most PAGE_SIZE.

    Raises NotFound, Invalid like `read_members`.
    """
    outside = [key for key in outside if key not in inside]
    sets = read_members(account, [*inside, *outside])
    k = len(dict.fromkeys(inside))
    states = sets.segments
    if k:
        ids = sets.ids[sets.bits == (1 << k) - 1]
    else:
        ids = np.setdiff1d(_everyone(account), sets.ids, assume_unique=True)
    page, has_before, has_after = _page(ids, after, before)
    profiles = Profile.objects.filter(account=account).in_bulk(page.tolist())
    return RegionPeople(
        states[:k],
        states[k:],
        len(ids),
        [profiles[id_] for id_ in page.tolist() if id_ in profiles],
        before=int(page[0]) if has_before else None,
        after=int(page[-1]) if has_after else None,
    )


def _everyone(account: Account) -> Ints:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM profiles_profile WHERE account_id = %s", [account.pk])
        return np.sort(np.array([row[0] for row in cursor.fetchall()], dtype=np.int64))


def _page(ids: Ints, after: int | None, before: int | None) -> tuple[Ints, bool, bool]:
    """The ids of a page, and whether there are some before and after it."""
    if before is not None:
        end = int(np.searchsorted(ids, before))
        start = max(end - PAGE_SIZE, 0)
    else:
        start = 0 if after is None else int(np.searchsorted(ids, after, side="right"))
        end = min(start + PAGE_SIZE, len(ids))
    page = ids[start:end]
    return page, bool(len(page)) and start > 0, bool(len(page)) and end < len(ids)


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
