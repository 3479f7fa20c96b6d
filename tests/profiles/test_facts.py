"""Names of facts: their text in rows, and what it is made of."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import facts
from profiles.facts import FactKey, FactKind

TEXTS = {
    facts.metric("Xy12"): "metric:Xy12",
    facts.attribute("city"): "attribute:city",
    facts.profile_property("Favourite colour"): "property:Favourite colour",
    facts.group("Ab3"): "group:Ab3",
    facts.consent("email"): "consent:email",
    facts.prediction("churn_probability"): "prediction:churn_probability",
    facts.PLACE: "place",
    facts.EXISTS: "exists",
}


@pytest.mark.parametrize("key", TEXTS, ids=str)
def test_a_fact_has_one_text(key: FactKey) -> None:
    assert key == TEXTS[key]
    assert {TEXTS[key]} == {key}
    assert repr(key) == repr(TEXTS[key])


def test_there_is_a_key_of_every_kind() -> None:
    assert {key.kind for key in TEXTS} == set(FactKind)


@given(st.sampled_from(FactKind), st.text(max_size=10))
def test_the_text_gives_back_what_it_was_made_of(kind: FactKind, name: str) -> None:
    key = FactKey.parse(str(FactKey(kind, name)))

    assert (key.kind, key.name) == (kind, name)


@pytest.mark.parametrize("key", TEXTS, ids=str)
def test_copies_are_the_same_fact(key: FactKey) -> None:
    for other in (copy.copy(key), copy.deepcopy(key), pickle.loads(pickle.dumps(key))):
        assert (other, other.kind, other.name) == (key, key.kind, key.name)


def test_a_kind_that_is_not_known_is_no_error() -> None:
    assert FactKey.parse("new:x").kind == "new"
