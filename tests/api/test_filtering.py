"""The text of the `filter` parameter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.kernel.filtering import Clause, parse_filter
from segmenter.kernel.jsonapi import ApiError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
READ = [
    ("", []),
    ("  ", []),
    ('equals(email,"a@example.com")', [Clause("equals", "email", "a@example.com")]),
    ("equals(email,'a@example.com')", [Clause("equals", "email", "a@example.com")]),
    ("""equals(name,'say "hi"')""", [Clause("equals", "name", 'say "hi"')]),
    ("""equals(name,'it\\'s')""", [Clause("equals", "name", "it's")]),
    (r'equals(name,"a \"b\" \u00e5 \\")', [Clause("equals", "name", 'a "b" å \\')]),
    ('equals(name,"a),(b,[c]")', [Clause("equals", "name", "a),(b,[c]")]),
    ('any(id,["1","2"])', [Clause("any", "id", ["1", "2"])]),
    ("any(id,['1', '2'])", [Clause("any", "id", ["1", "2"])]),
    ("any(id,[])", [Clause("any", "id", [])]),
    ("equals(is_active,true)", [Clause("equals", "is_active", True)]),
    ("equals(is_active,False)", [Clause("equals", "is_active", False)]),
    ("equals(name,null)", [Clause("equals", "name", None)]),
    ("greater-than(n,-1.5)", [Clause("greater-than", "n", -1.5)]),
    ("has(name)", [Clause("has", "name")]),
    ("less-than(created,2026-03-01T12:00:00Z)", [Clause("less-than", "created", NOON)]),
    ("less-than(created,2026-03-01T12:00:00.000Z)", [Clause("less-than", "created", NOON)]),
    ("less-than(created,2026-03-01T12:00:00)", [Clause("less-than", "created", NOON)]),
    (
        "less-than(created,2026-03-01T13:00:00 01:00)",
        [Clause("less-than", "created", NOON.astimezone(timezone(timedelta(hours=1))))],
    ),
    ("less-than(created,2026-03-01)", [Clause("less-than", "created", NOON.replace(hour=0))]),
    (
        ' equals( a.b , "1" ) , and(has(c),and(has(d))) ',
        [Clause("equals", "a.b", "1"), Clause("has", "c"), Clause("has", "d")],
    ),
]


@pytest.mark.parametrize(("text", "clauses"), READ, ids=[text for text, _ in READ])
def test_filters(text: str, clauses: list[Clause]) -> None:
    assert parse_filter(text) == clauses


@pytest.mark.parametrize(
    "text",
    [
        "equals",
        "equals(",
        "equals(email",
        "equals(email,",
        'equals(email,"a"',
        'equals(email,"a)',
        'equals(email,"a"),',
        'equals(email,"a") has(b)',
        'like(email,"a")',
        "equals(email,a)",
        "equals(,1)",
        "or(has(a))",
        "and()",
        "and(" * 5000 + "has(a)" + ")" * 5000,
        "any(id," + "[" * 5000,
        r'equals(a,"\u0000")',
        r'equals(a,"\ud800")',
        "equals(a,1e999)",
        "equals(a,9223372036854775808)",
        "equals(a,2026-13-01)",
        "equals(a,2026-03-01T99:00:00Z)",
        "has(a)," * 5000 + "has(a)",
    ],
)
def test_what_is_no_filter(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_filter(text)

    assert caught.value.status == 400
    assert caught.value.parameter == "filter"


PIECES = [
    "equals",
    "any",
    "and",
    "has",
    "(",
    ")",
    "[",
    "]",
    ",",
    '"',
    "'",
    "\\",
    "a",
    "1",
    "-",
    "\0",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        clauses: Any = parse_filter(text)
    except ApiError:
        return
    assert all(isinstance(clause, Clause) for clause in clauses)
