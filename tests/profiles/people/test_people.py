"""Everyone in an account, some of whom have changed since columns were read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiles.columns.people import OverlaidPopulation
from profiles.columns.population import Population, Source

ids = st.sets(st.integers(1, 40))


def population(of: set[int]) -> Population:
    return Population(cast(Source, SimpleNamespace(ids=np.array(sorted(of), dtype=np.int64))))


@given(ids, ids, ids)
def test_everyone_is_heard_once(base: set[int], newer: set[int], missing: set[int]) -> None:
    missing -= newer
    old, new = population(base), population(newer)
    crowd = OverlaidPopulation(old, new, missing=np.array(sorted(missing), dtype=np.int64))
    assert crowd.ids.tolist() == sorted((base - missing) | newer)
    answers = crowd.answer(lambda part: part.ids % 2 == (1 if part is new else 0))
    expected = [each % 2 == (1 if each in newer else 0) for each in crowd.ids.tolist()]
    assert answers.tolist() == expected
    heard = [
        each
        for part, who in crowd.shares
        for each in part.ids[slice(None) if who is None else who].tolist()
    ]
    assert sorted(heard) == crowd.ids.tolist()
