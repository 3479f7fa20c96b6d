"""The oracle gives every hand-worked answer for a whole definition."""

from __future__ import annotations

import pytest

from .hand import hand_cases
from .oracle import members
from .strategies import Case

ROWS = list(hand_cases())


@pytest.mark.parametrize(("_name", "case", "expected"), ROWS, ids=[name for name, _, _ in ROWS])
def test_hand_worked_answer(_name: str, case: Case, expected: set[int]) -> None:
    assert members(case.definition, case.world, case.at) == expected
