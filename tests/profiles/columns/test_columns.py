"""Columns of codes and of plain rows, and different values by person, against plain Python."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.columns import column, pairs
from profiles.columns.column import (
    Bools,
    Column,
    concatenate,
    from_instants,
    from_numbers,
    from_python,
    identity,
    values_of_texts,
)
from profiles.columns.events import VALUE, Events, Tally, shared_counts
from profiles.columns.instants import NO_INSTANT
from tests.draws import draws

N = 5
VALUES: list[Any] = [None, "a", "b", "", 5, 5.0, 0.0, -0.0, True, 1, [1, "a"], [1.0, "a"], {"a": 1}]
WIDTHS = (np.int8, np.int16, np.int32)
rows_of = st.lists(st.tuples(st.integers(0, N - 1), st.sampled_from(VALUES)), max_size=30)


def column_of(values: list[Any], width: type[np.signedinteger[Any]]) -> Column:
    whole = from_python(values)
    codes = whole.codes.astype(width)
    codes.flags.writeable = False
    return Column(codes, whole.values)


def events_of(
    rows: list[tuple[int, Any]], width: type[np.signedinteger[Any]], *, with_tally: bool
) -> Events:
    """Events a microsecond apart; as a mirror keeps them, or not."""
    who = np.array([who for who, _ in rows], dtype=np.int32)
    who.flags.writeable = False
    values_column = column_of([value for _, value in rows], width)
    numbers = [float(v) if type(v) in {int, float} else np.nan for _, v in rows]
    return Events(
        n=N,
        profiles=who,
        times=np.arange(len(rows), dtype=np.int64),
        values=np.array(numbers, dtype=np.float64),
        property_column=lambda _name: values_column,
        tally=Tally(who, Tally.of(who, N)) if with_tally else None,
    )


@settings(deadline=None)
@given(
    rows_of,
    st.tuples(st.integers(-2, 32), st.integers(-2, 32)),
    st.integers(0, 2**30),
    st.integers(1, 6),
)
def test_two_threads_keep_the_events_that_one_keeps(
    rows: list[tuple[int, Any]], window: tuple[int, int], bits: int, parts: int
) -> None:
    events = events_of(rows, np.int32, with_tally=True).within(*window)

    def test(some: Events) -> Bools:
        return (bits >> some.when) & 1 == 1

    with patch.multiple(Events, MANY=0, PARTS=parts):
        passing = events.passing(test)
    plain = events.where(test(events))
    assert passing.when.tolist() == plain.when.tolist()
    assert passing.count().tolist() == plain.count().tolist()


def values_by_person(rows: list[tuple[int, Any]]) -> list[set[object]]:
    return [{identity(v) for w, v in rows if w == who and v is not None} for who in range(N)]


@settings(max_examples=draws(100, nightly=300), deadline=None)
@given(
    rows_of,
    st.sampled_from(WIDTHS),
    st.booleans(),
    st.tuples(st.integers(-2, 32), st.integers(-2, 32)),
    st.none() | st.integers(0, 2**30),
)
def test_different_values_are_counted_by_what_they_are(
    rows: list[tuple[int, Any]],
    width: type[np.signedinteger[Any]],
    with_tally: bool,
    window: tuple[int, int],
    bits: int | None,
) -> None:
    first, last = window
    events = events_of(rows, width, with_tally=with_tally).within(first, last)
    inside = rows[max(first, 0) : max(last, 0)]
    if bits is not None:
        keep = [bool(bits >> i & 1) for i in range(len(inside))]
        events = events.where(np.array(keep, dtype=np.bool_))
        inside = [row for row, kept_one in zip(inside, keep, strict=True) if kept_one]
    assert events.distinct("Item").tolist() == [len(v) for v in values_by_person(inside)]
    assert events.count().tolist() == [sum(w == who for w, _ in inside) for who in range(N)]
    numbers = [(w, v) for w, v in inside if type(v) in {int, float}]
    assert events.distinct(VALUE).tolist() == [len(v) for v in values_by_person(numbers)]


@settings(max_examples=draws(100, nightly=300), deadline=None)
@given(rows_of, rows_of, st.sampled_from(WIDTHS), st.sampled_from(WIDTHS), st.booleans())
def test_shared_values_are_those_on_both_sides(
    above: list[tuple[int, Any]],
    below: list[tuple[int, Any]],
    width: type[np.signedinteger[Any]],
    other: type[np.signedinteger[Any]],
    with_tally: bool,
) -> None:
    counts, totals = shared_counts(
        events_of(above, width, with_tally=with_tally),
        events_of(below, other, with_tally=with_tally),
        "Item",
    )
    both = zip(values_by_person(above), values_by_person(below), strict=True)
    assert counts.tolist() == [len(a & b) for a, b in both]
    assert totals.tolist() == [len(b) for b in values_by_person(below)]


def test_pairs_beyond_32_bits() -> None:
    who = np.array([0, 999_999, 999_999, 999_999], dtype=np.int32)
    values = np.array([1, 899_999, 899_998, 899_999], dtype=np.int32)
    counts = pairs.count_values(who, values, k=900_000, n=1_000_000)
    assert (counts[0], counts[999_999], counts.sum()) == (1, 2, 3)
    earlier = pairs.previous_rows(who, values, k=900_000, n=1_000_000)
    assert earlier is not None
    assert earlier.tolist() == [-1, -1, -1, 1]


def test_pairs_too_large_for_a_number_are_told() -> None:
    none = np.zeros(0, dtype=np.int32)
    assert (
        pairs.previous_rows(np.zeros(4, np.int32), np.zeros(4, np.int32), k=2**40, n=2**30) is None
    )
    assert pairs.count_values(none, none, k=0, n=0).tolist() == []


@settings(max_examples=draws(70, nightly=200), deadline=None)
@given(
    st.lists(st.sampled_from(VALUES), max_size=30),
    st.sampled_from(WIDTHS),
    st.integers(0, 2**20),
    st.sampled_from([0, 10_000]),
)
def test_a_match_is_spread_to_the_rows(
    values: list[Any], width: type[np.signedinteger[Any]], bits: int, few: int
) -> None:
    whole = column_of(values, width)
    matching = np.array([bool(bits >> i & 1) for i in range(len(whole.values))], dtype=np.bool_)
    with patch.object(column, "_FEW_ROWS", few):
        mask = whole.spread(matching)
        numbers = whole.look_up(np.arange(len(whole.values), dtype=np.int32) + 7)
    codes = whole.codes.tolist()
    assert mask.tolist() == [code >= 0 and bool(matching[code]) for code in codes]
    assert numbers.tolist() == [code + 7 if code >= 0 else 0 for code in codes]


def test_plain_rows_are_what_they_hold() -> None:
    numbers = from_numbers(np.array([1.5, np.nan, 0.0]))
    instants = from_instants(np.array([7, NO_INSTANT], dtype=np.int64))
    assert [numbers.get(row) for row in range(3)] == [1.5, None, 0]
    assert [instants.get(row) for row in range(2)] == [7, None]
    assert numbers.codes.tolist() == [0, -1, 2]
    assert numbers.set_rows.tolist() == [0, 2]
    assert numbers.spread(np.ones(3, dtype=np.bool_)).tolist() == [True, False, True]
    assert instants.instant_per_row().tolist() == [7, NO_INSTANT]
    assert from_python(["a", None]).instant_per_row().tolist() == [NO_INSTANT] * 2
    assert numbers.take(np.array([2, 1])).number_per_row().tolist()[0] == 0
    both = concatenate([numbers, instants])
    assert [both.get(row) for row in range(5)] == [1.5, None, 0, 7, None]
    assert numbers.values.texts.null_count == 3


def test_texts_that_stand_twice_among_the_values_are_one() -> None:
    values = values_of_texts(pa.array(["a", "b", "a"]))
    assert values.identities.tolist() == [0, 1, 0]


@pytest.mark.parametrize(("size", "size_after"), [(3, 2), (10_001, 1)])
def test_answers_about_many_values_are_remembered(size: int, size_after: int) -> None:
    values = values_of_texts(pa.array([str(i) for i in range(size)]))
    answers = []

    def answer() -> column.Bools:
        answers.append(1)
        return np.ones(size, dtype=np.bool_)

    for _ in range(2):
        assert values.cached_answer("question", answer).all()
    assert len(answers) == size_after
    for i in range(100):
        values.cached_answer(i, answer)
    values.cached_answer("question", answer)
    assert len(answers) == size_after + 101
