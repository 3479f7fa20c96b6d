"""The people behind a count of the builder, before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext

from profiles.columns.gather import everyone
from profiles.columns.population import UnknownKey
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segments.builder.checks import check
from segments.builder.edits.spots import resolve
from segments.builder.forms import ROOT
from segments.builder.partial import countable_part
from segments.definition.tree import Unsupported
from segments.engine.evaluate import Evaluation

MOST_SHOWN = 100


@dataclass(frozen=True)
class Matching:
    """How many people match, and the first of them by id."""

    count: int
    people: list[Profile]


def people_matching(
    account: Account, partial: Mapping[str, Any], pointer: str, at: datetime
) -> Matching:
    """Who matches the part of a partial definition at a pointer, as far as it is finished.

    Raises Invalid if nothing there is.
    """
    part = resolve(partial, pointer)
    if not isinstance(part, Mapping):
        raise Invalid(Problem(pointer, "invalid", "This is no part of a definition."))
    if ROOT not in part:
        group = part if "conditions" in part else {"conditions": [part]}
        part = {ROOT: [group]}
    tree = countable_part(part, lambda definition: check(account, definition)).tree
    if tree is None:
        raise Invalid(Problem(pointer, "required", gettext("This is not finished.")))
    people = everyone(account)
    try:
        members = people.ids[np.flatnonzero(Evaluation(people, at).mask(tree))]
    except (UnknownKey, Unsupported) as error:
        raise Invalid(Problem(pointer, "unsupported", str(error))) from error
    ids = members[:MOST_SHOWN].tolist()
    rows = Profile.objects.filter(account=account).in_bulk(ids)
    return Matching(len(members), [rows[each] for each in ids if each in rows])
