"""The filter of another type that says the same."""

from __future__ import annotations

import pytest

from profiles.columns.column import ValueKind
from segments.definition.operators import (
    BooleanFilter,
    Filter,
    ListHas,
    NumberFilter,
    TextFilter,
    TextIn,
)
from segments.lint.rules.wrong_type import of_kind

EQUAL_TO_7 = NumberFilter(operator="equals", value=7)


@pytest.mark.parametrize(
    ("filter_", "kind", "other"),
    [
        (TextFilter(operator="equals", value="7"), ValueKind.NUMBER, EQUAL_TO_7),
        (TextFilter(operator="contains", value="7"), ValueKind.NUMBER, None),
        (TextFilter(operator="not-contains", value="yes"), ValueKind.BOOLEAN, None),
        (TextFilter(operator="contains", value="yes"), ValueKind.BOOLEAN, None),
        (TextFilter(operator="starts-with", value="7"), ValueKind.NUMBER, None),
        (TextFilter(operator="ends-with", value="VIP"), ValueKind.LIST, None),
        (
            TextFilter(operator="contains", value="VIP"),
            ValueKind.LIST,
            ListHas(operator="contains", value="VIP"),
        ),
        (
            TextFilter(operator="not-equals", value="VIP", ignore_case=True),
            ValueKind.LIST,
            TextFilter(operator="not-contains", value="VIP", ignore_case=True),
        ),
        (
            TextIn(operator="in", value=("VIP",), ignore_case=True),
            ValueKind.LIST,
            TextFilter(operator="contains", value="VIP", ignore_case=True),
        ),
        (TextFilter(operator="equals", value="1,500"), ValueKind.NUMBER, None),
        (TextFilter(operator="equals", value="-1,500,000"), ValueKind.NUMBER, None),
        (
            TextFilter(operator="equals", value="1,5"),
            ValueKind.NUMBER,
            NumberFilter(operator="equals", value=1.5),
        ),
        (
            NumberFilter(operator="not-equals", value=1234567),
            ValueKind.TEXT,
            TextFilter(operator="not-equals", value="1234567"),
        ),
        (
            NumberFilter(operator="equals", value=38.5),
            ValueKind.TEXT,
            TextFilter(operator="equals", value="38.5"),
        ),
        (
            BooleanFilter(operator="equals", value=True),
            ValueKind.TEXT,
            TextFilter(operator="equals", value="true"),
        ),
    ],
)
def test_a_filter_of_another_kind_says_the_same_or_there_is_none(
    filter_: Filter, kind: ValueKind, other: Filter | None
) -> None:
    assert of_kind(filter_, kind) == other
