"""What is known of someone: one person's facts, one condition, in or out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders.definitions import either

from . import pools
from .kinds import (
    group,
    kind,
    location_distance,
    marketing_consent,
    permissions,
    predictive_analytics,
    property,
    region,
    sample,
)
from .kinds.kind import AT
from .oracle import members
from .places import MILE_KM, haversine_km
from .world import Json, World


def matches(condition: Json, person: Json, **world: Any) -> bool:
    people = [{"external_id": "p0", **person}]
    return members(either(condition), World(people=people, **world), AT) == {0}


@pytest.mark.parametrize(("path", "filter_", "expected"), property.ROWS)
def test_property(path: str, filter_: Json, expected: bool) -> None:
    assert matches(property.prop(path, filter_), property.ANN) is expected


@pytest.mark.parametrize("path", ["colour", "properties['a']['b']", "properties[a]", "$email"])
def test_a_path_of_another_form_is_an_error(path: str) -> None:
    with pytest.raises(ValueError, match="not a property"):
        matches(property.prop(path, kind.IS_SET), property.ANN)


@pytest.mark.parametrize(("condition", "expected"), group.ROWS)
def test_lists(condition: Json, expected: bool) -> None:
    assert matches(condition, group.MEMBER) is expected


def test_segments_by_definition_and_entering_time() -> None:
    world: Json = {
        "segments": {
            "Bostn": either(property.prop("location['city']", kind.text("equals", "Boston")))
        },
        "entered": {("Bostn", 0): "2026-03-09T00:00:00Z"},
    }
    assert matches(group.group("Bostn"), property.ANN, **world)
    assert matches(group.group("Bostn", timeframe=kind.WEEK), property.ANN, **world)
    assert not matches(group.group("Bostn", timeframe=kind.OLD), property.ANN, **world)
    assert not matches(group.group("Bostn", inside=False), property.ANN, **world)
    assert not matches(group.group("Bostn"), group.MEMBER, **world)
    world["segments"]["Again"] = either(group.group("Bostn"))
    assert matches(group.group("Again"), property.ANN, **world)


@pytest.mark.parametrize(("condition", "person", "expected"), marketing_consent.ROWS)
def test_marketing_consent(condition: Json, person: Json, expected: bool) -> None:
    assert matches(condition, person) is expected


@pytest.mark.parametrize(("condition", "person", "expected"), permissions.ROWS)
def test_permissions(condition: Json, person: Json, expected: bool) -> None:
    assert matches(condition, person) is expected


@pytest.mark.parametrize(("country", "region_name", "inside"), region.ROWS)
def test_region(country: str, region_name: str, inside: bool) -> None:
    person = {"location": {"country": country}}
    for in_region in (True, False):
        condition = {"type": "profile-region", "in_region": in_region, "region": region_name}
        assert matches(condition, person) is (inside is in_region)
        assert not matches(condition, {})


@pytest.mark.parametrize(("condition", "person", "expected"), location_distance.ROWS)
def test_location_distance(condition: Json, person: Json, expected: bool) -> None:
    assert matches(condition, person, places=pools.PLACES, cities=pools.CITIES) is expected


def test_postal_code_distance() -> None:
    condition = location_distance.near("less-than", 310) | {
        "type": "profile-postal-code-distance",
        "country_code": "USA",
        "postal_code": "02108",
    }
    assert matches(condition, location_distance.NEW_YORK, places=pools.PLACES)
    assert not matches(
        condition | {"postal_code": "99999"}, location_distance.NEW_YORK, places=pools.PLACES
    )
    far = condition | {"filter": {"type": "numeric", "operator": "greater-than", "value": 1}}
    assert not matches(far, {}, places=pools.PLACES)


def test_distances_on_the_sphere() -> None:
    quarter = haversine_km((0, 0), (0, 90))
    assert quarter == pytest.approx(10_007.557, abs=0.001)
    assert haversine_km((90, 0), (0, 55)) == pytest.approx(quarter)
    assert haversine_km((0, 179), (0, -179)) == pytest.approx(quarter * 2 / 90)
    assert MILE_KM == 1.609344


def test_predictions() -> None:
    assert matches(predictive_analytics.RISK, {}, predictions=[{"churn_probability": 0.25}])
    assert not matches(predictive_analytics.RISK, {}, predictions=[{"churn_probability": 0.5}])
    assert not matches(predictive_analytics.RISK, {}, predictions=[{}])
    gender = predictive_analytics.predicted(
        "predicted_gender", kind.text("not-equals", "likely_male")
    )
    assert matches(gender, {}, predictions=[{"predicted_gender": "uncertain"}])
    assert not matches(gender, {})
    soon = predictive_analytics.predicted(pools.NEXT_ORDER, kind.WEEK | {"operator": "in-the-next"})
    assert matches(soon, {}, predictions=[{pools.NEXT_ORDER: "2026-03-17T23:00:00Z"}])
    assert not matches(soon, {}, predictions=[{pools.NEXT_ORDER: "2026-03-18T00:00:00Z"}])


@pytest.mark.parametrize(("person", "fields", "inside"), sample.ROWS)
def test_samples(person: int, fields: Json, inside: bool) -> None:
    assert matches({"type": "profile-sample", **fields}, {}, ids=[str(person)]) is inside
