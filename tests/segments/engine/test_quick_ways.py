"""What is answered in a quicker way for many people is answered alike for few."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.columns.column import values_of_texts
from profiles.columns.population import Population, Source
from segments.definition import distances
from segments.definition.codec import decode
from segments.definition.operators import NumberFilter, NumberRange, NumberTest, TextFilter, texts
from segments.definition.windows import Moment
from segments.engine import evaluate
from segments.engine.evaluate import Evaluation
from tests.draws import draws
from tests.oracle.strategies import Case, cases
from tests.segments.engine.test_against_oracle import CASES, in_segments
from tests.segments.memory import Memory

latitudes = st.sampled_from([-90.0, 90.0, 0.0, 89.999]) | st.floats(-90, 90)
longitudes = st.sampled_from([-180.0, 180.0, 179.999, 0.0]) | st.floats(-180, 180)
kilometers = st.sampled_from([0.0, -5.0, 20_100.0]) | st.floats(0, 20_100)
tests = st.builds(
    NumberFilter, operator=st.sampled_from(list(NumberFilter.labels)), value=kilometers
) | st.builds(NumberRange, operator=st.just("between"), start=kilometers, end=kilometers)


def living_at(places: list[tuple[float, float]]) -> Population:
    """As much of people as distances look at."""
    both = np.array(places, dtype=np.float64).reshape(-1, 2)
    source = SimpleNamespace(ids=np.arange(len(both)), coordinates=lambda: tuple(both.T))
    return Population(cast(Source, source))


@settings(max_examples=draws(120, nightly=500), deadline=None)
@given(
    st.lists(st.tuples(latitudes, longitudes) | st.just((np.nan, np.nan)), max_size=8),
    latitudes,
    longitudes,
    tests,
)
def test_who_lives_far_away_needs_no_distance(
    places: list[tuple[float, float]], latitude: float, longitude: float, test: NumberTest
) -> None:
    people = living_at([*places, (latitude, longitude), (-latitude, longitude)])
    for unit in distances.KM:
        away = distances.distances(people, latitude, longitude, unit)
        mask = distances.within(people, latitude, longitude, unit, test)
        assert mask.tolist() == test.holds(away).tolist()


@settings(max_examples=draws(100, nightly=300), deadline=None)
@given(
    st.tuples(latitudes, longitudes),
    st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=1, max_size=8),
    st.floats(0, 300),
)
def test_who_lives_near_the_border_is_told_by_distance(
    point: tuple[float, float], moves: list[tuple[float, float]], reach: float
) -> None:
    latitude, longitude = point
    near = [
        (float(np.clip(latitude + up, -90, 90)), (longitude + over + 180) % 360 - 180)
        for up, over in moves
    ]
    test = NumberFilter(operator="less-than", value=reach)
    people = living_at(near)
    away = distances.distances(people, latitude, longitude, "kilometers")
    mask = distances.within(people, latitude, longitude, "kilometers", test)
    assert mask.tolist() == (away < reach).tolist()


class InFiles(Memory):
    in_files = True


@CASES
@given(cases())
def test_two_threads_answer_like_one(case: Case) -> None:
    tree = decode(case.definition)

    def answer() -> list[bool]:
        people = Population(InFiles(case.world, in_segments(case)))
        return Evaluation(people, case.at).mask(tree).tolist()

    with patch.object(evaluate, "THREADS_FROM", 0):
        masks = answer()
    assert masks == answer()


@pytest.mark.parametrize("name", TextFilter.labels)
@pytest.mark.parametrize("more", [{}, {"ignore_case": True}])
def test_two_threads_test_texts_like_one(name: str, more: dict[str, Any]) -> None:
    column = pa.array(["Anna", "anna", "", "Hannah", "annex\n", "ANNA", "Johann"])
    moment = Moment(datetime(2026, 3, 1, tzinfo=UTC), cast(Any, UTC))
    test = TextFilter(operator=name, value="ann" if "with" in name else "anna", **more)
    once = test.matches(values_of_texts(column), moment)
    with patch.object(texts, "_MANY", 0):
        twice = test.matches(values_of_texts(column), moment)
    assert once.tolist() == twice.tolist()
    assert set(once.tolist()) == {True, False}
