"""A page of people who are known by their ids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from profiles.columns.ascending import Ints
from profiles.models import Profile
from segmenter.accounts.access import SeatRequest
from segmenter.accounts.list_page import PAGE_SIZE, cursors
from segmenter.accounts.models import Account


@dataclass(frozen=True)
class PeoplePage:
    """Some people by id, without a profile where the person no longer exists; and how many all
    are."""

    count: int
    people: list[tuple[int, Profile | None]]
    before: int | None = None
    """The id for the link to the page before; None if there is none."""
    after: int | None = None


def people_page(
    account: Account, ids: Ints, *, after: int | None = None, before: int | None = None
) -> PeoplePage:
    """The people of ascending ids, PAGE_SIZE after or before an id."""
    if before is not None:
        end = int(np.searchsorted(ids, before))
        start = max(end - PAGE_SIZE, 0)
    else:
        start = 0 if after is None else int(np.searchsorted(ids, after, side="right"))
        end = min(start + PAGE_SIZE, len(ids))
    some = ids[start:end].tolist()
    profiles = Profile.objects.filter(account=account).in_bulk(some)
    return PeoplePage(
        len(ids),
        [(id_, profiles.get(id_)) for id_ in some],
        before=some[0] if some and start > 0 else None,
        after=some[-1] if some and end < len(ids) else None,
    )


def ids_of(request: SeatRequest) -> dict[str, int | None]:
    """The ids after or before which the requested page begins."""
    return {
        name: int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        for name, text in cursors(request).items()
    }
