"""The search for all faults ends, and reports each place once."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.api.documents import read_event, read_events, read_person
from profiles.api.faults import MOST_FAULTS, read_whole
from segmenter.kernel.errors import Invalid, Problem
from tests.api.conftest import bulk_document, event_document, profile_document
from tests.api.test_fuzz import EVENT, META, PERSON, STRANGE

AT = datetime(2026, 11, 22, tzinfo=UTC)
READERS: list[tuple[Callable[[Any], Any], Any]] = [
    (lambda document: read_event(document, AT), event_document(profile=PERSON, **EVENT)),
    (read_person, profile_document(None, META, **PERSON)),
]


def places(value: Any) -> list[list[str]]:
    """Every place within objects, as the keys that lead there."""
    if not isinstance(value, dict):
        return []
    return [[key, *rest] for key, inner in value.items() for rest in ([], *places(inner))]


def spoiled(document: Any, place: list[str], value: Any) -> Any:
    document = copy.deepcopy(document)
    holder = document
    for step in place[:-1]:
        holder = holder.get(step) if isinstance(holder, dict) else None
    if isinstance(holder, dict):
        holder[place[-1]] = copy.deepcopy(value)
    return document


@pytest.mark.parametrize("number", range(len(READERS)))
def test_faults_anywhere_are_told_once_each(number: int) -> None:
    read, document = READERS[number]

    @given(
        st.lists(st.tuples(st.sampled_from(places(document)), st.sampled_from(STRANGE)), max_size=8)
    )
    def check(changes: list[tuple[list[str], Any]]) -> None:
        spoiled_document = document
        for place, value in changes:
            spoiled_document = spoiled(spoiled_document, place, value)
        before = copy.deepcopy(spoiled_document)
        try:
            read(spoiled_document)
        except Invalid as error:
            pointers = [problem.pointer for problem in error.problems]
            assert 0 < len(pointers) <= MOST_FAULTS
            assert len(set(pointers)) == len(pointers)
        assert spoiled_document == before

    check()


def test_faults_are_looked_for_up_to_a_number() -> None:
    nicks: dict[str, Any] = {f"nick {number}": 1 for number in range(50)}
    document = profile_document(email="a@b.c", **nicks)

    with pytest.raises(Invalid) as caught:
        read_person(document)

    assert len(caught.value.problems) == MOST_FAULTS


def test_a_reader_that_is_never_content_is_asked_a_few_times() -> None:
    documents = []

    def read(document: Any) -> Any:
        documents.append(document)
        raise Invalid(Problem(f"/{len(documents)}", "invalid", "Never."))

    with pytest.raises(Invalid) as caught:
        read_whole(read, dict.fromkeys(map(str, range(1_000))))

    assert len(caught.value.problems) == MOST_FAULTS
    assert len(documents) <= 2 * MOST_FAULTS + 1


def test_a_good_document_is_read_once() -> None:
    documents = []

    def read(document: Any) -> str:
        documents.append(document)
        return "read"

    assert read_whole(read, {}) == "read"
    assert documents == [{}]


def test_of_very_many_bad_events_each_is_named() -> None:
    events = [{"unique_id": str(number), "value": "x", "amount": 1} for number in range(1_000)]

    bulk = read_events(bulk_document(({"email": "a@b.c"}, events)), AT)

    assert bulk.records == []
    assert len({problem.pointer.split("/")[9] for problem in bulk.problems}) == 1_000
    assert len(bulk.problems) < 1_200
