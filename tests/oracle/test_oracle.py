"""The tree of a definition, and laws that hold whatever the facts are."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import phonenumbers
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tests.builders.definitions import either
from tests.draws import draws

from . import draw_filters, pools
from .dice import Dice
from .oracle import members
from .places import MILE_KM, haversine_km
from .strategies import KINDS, Case, cases
from .windows import midnight
from .world import World, instant

Json = dict[str, Any]
AT = instant("2026-03-10T08:00:00Z")
LAWS = settings(
    max_examples=draws(25, nightly=60),
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
SEARCH = settings(
    max_examples=2_000,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

# Four people: a and b in every combination.
WORLD = World(
    people=[
        {"external_id": f"p{index}", "properties": {"a": bool(index & 1), "b": bool(index & 2)}}
        for index in range(4)
    ]
)


def is_true(name: str) -> Json:
    return {
        "type": "profile-property",
        "property": f"properties['{name}']",
        "filter": {"type": "boolean", "operator": "equals", "value": True},
    }


def groups(*conditions: list[Json]) -> Json:
    return {"condition_groups": [{"conditions": list(group)} for group in conditions]}


A, B = is_true("a"), is_true("b")
TREE_ROWS: list[tuple[Json, set[int]]] = [
    (groups([A]), {1, 3}),
    (groups([A, B]), {1, 2, 3}),
    (groups([A], [B]), {3}),
    (groups([{"not": A}]), {0, 2}),
    (groups([{"not": {"not": A}}]), {1, 3}),
    (groups([{"not": groups([A], [B])}]), {0, 1, 2}),
    (groups([{"not": groups([A, B])}]), {0}),
    (groups([groups([A], [{"not": B}]), groups([{"not": A}], [B])]), {1, 2}),
    (groups([A, {"not": A}]), {0, 1, 2, 3}),
    (groups([A], [{"not": A}]), set()),
    (groups([{"not": is_true("missing")}]), {0, 1, 2, 3}),
    (groups([is_true("missing")]), set()),
]


@pytest.mark.parametrize(("definition", "expected"), TREE_ROWS)
def test_tree(definition: Json, expected: set[int]) -> None:
    assert members(definition, WORLD, AT) == expected


def test_what_cannot_be_evaluated_is_an_error_not_an_empty_set() -> None:
    with pytest.raises(ValueError, match="custom-object"):
        members(either({"type": "profile-has-custom-object"}), WORLD, AT)


def test_conditions_are_checked_each_on_its_own() -> None:
    # Two event conditions may be met by different events.
    def event(colour: str, size: int) -> Json:
        return {
            "metric": "Buy",
            "time": "2026-03-01T10:00Z",
            "properties": {"Colour": colour, "Size": size},
            "profile": {"external_id": "p0"},
        }

    def with_(name: str, filter_: Json) -> Json:
        return {
            "type": "profile-metric",
            "metric_id": "Buy",
            "measurement": "count",
            "measurement_filter": {"type": "numeric", "operator": "greater-than", "value": 0},
            "timeframe_filter": {"type": "date", "operator": "alltime"},
            "metric_filters": [{"property": name, "filter": filter_}],
        }

    red = with_("Colour", {"type": "string", "operator": "equals", "value": "red"})
    big = with_("Size", {"type": "numeric", "operator": "greater-than", "value": 5})
    both = red | {"metric_filters": red["metric_filters"] + big["metric_filters"]}
    world = replace(WORLD, events=[event("red", 1), event("blue", 9)])
    assert members(groups([red], [big]), world, AT) == {0}
    assert members(groups([both]), world, AT) == set()


def everyone(case: Case) -> set[int]:
    return set(range(len(case.world.people)))


def who(case: Case, member: Json) -> set[int]:
    return members(either(member), case.world, case.at)


@LAWS
@given(cases())
def test_matches_and_the_rest_are_everyone(case: Case) -> None:
    inside = who(case, case.definition)
    outside = who(case, {"not": case.definition})
    assert not inside & outside
    assert inside | outside == everyone(case)


@LAWS
@given(cases())
def test_de_morgan(case: Case) -> None:
    for group in case.definition["condition_groups"]:
        either = who(case, {"condition_groups": [group]})
        none_of = groups(*[[{"not": member}] for member in group["conditions"]])
        assert either == everyone(case) - who(case, none_of)
    parts = [{"not": {"condition_groups": [g]}} for g in case.definition["condition_groups"]]
    assert who(case, {"not": case.definition}) == who(case, groups(parts))


@LAWS
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_events_means_nothing(case: Case, random: Any) -> None:
    shuffled = list(case.world.events)
    random.shuffle(shuffled)
    world = replace(case.world, events=shuffled)
    assert members(case.definition, world, case.at) == who(case, case.definition)


@LAWS
@given(cases("profile-property"))
def test_include_unset_adds_just_the_people_without_the_property(case: Case) -> None:
    condition = case.definition["condition_groups"][0]["conditions"][0]
    filter_ = {key: part for key, part in condition["filter"].items() if key != "include_unset"}
    unset = condition | {"filter": {"type": "existence", "operator": "not-set"}}
    without = who(case, condition | {"filter": filter_})
    with_ = who(case, condition | {"filter": filter_ | {"include_unset": True}})
    assert with_ == without | who(case, unset)


@LAWS
@given(cases("profile-property"))
def test_an_operator_and_its_opposite_never_both_match(case: Case) -> None:
    condition = case.definition["condition_groups"][0]["conditions"][0]
    filter_ = condition["filter"]
    opposite = {"regex": "nregex", "phone-country-code-in": "phone-country-code-not-in"}.get(
        filter_["operator"], f"not-{filter_['operator']}"
    )
    if filter_["type"] not in ("string", "list") or filter_["operator"].startswith(
        ("not-", "nregex", "length", "phone-country-code-not")
    ):
        return
    plain = {key: part for key, part in filter_.items() if key != "include_unset"}
    matches = who(case, condition | {"filter": plain})
    unmet = who(case, condition | {"filter": plain | {"operator": opposite}})
    unset = who(case, condition | {"filter": {"type": "existence", "operator": "not-set"}})
    assert not matches & unmet
    assert not (matches | unmet) & unset


@LAWS
@given(cases("profile-marketing-consent"))
def test_everyone_can_receive_or_cannot(case: Case) -> None:
    for channel in ("email", "sms", "push"):

        def receives(
            yes: bool, channel: str = channel, status: str = "any", case: Case = case
        ) -> set[int]:
            consent = {
                "channel": channel,
                "can_receive_marketing": yes,
                "consent_status": {"subscription": status},
            }
            return who(case, {"type": "profile-marketing-consent", "consent": consent})

        assert receives(False) == everyone(case) - receives(True)
        statuses = ("subscribed", "unsubscribed", "never_subscribed")
        assert receives(True) == set().union(*(receives(True, status=s) for s in statuses))


@pytest.mark.parametrize("kind", KINDS)
def test_cases_of_each_kind_have_people_in_and_out(kind: str) -> None:
    case = find(
        cases(kind), lambda c: 0 < len(who(c, c.definition)) < len(c.world.people), settings=SEARCH
    )
    assert case.definition["condition_groups"][0]["conditions"][0]["type"] == kind


FILTERS: list[tuple[Callable[[Dice], Json], list[str]]] = [
    (draw_filters.string, draw_filters.STRING_OPERATORS),
    (draw_filters.phone, draw_filters.PHONE_OPERATORS),
    (draw_filters.number, [*draw_filters.NUMERIC_OPERATORS, "between"]),
    (draw_filters.list_, draw_filters.LIST_OPERATORS),
    (draw_filters.existence, draw_filters.EXISTENCE_OPERATORS),
    (lambda dice: draw_filters.date(dice, AT, "UTC"), draw_filters.DATE7_OPERATORS),
]


@pytest.mark.parametrize(("drawn_by", "operators"), FILTERS)
def test_every_operator_is_drawn(drawn_by: Callable[[Dice], Json], operators: list[str]) -> None:
    @st.composite
    def filters(draw: st.DrawFn) -> Json:
        return drawn_by(Dice(draw))

    def has(operator: str) -> Callable[[Json], bool]:
        return lambda filter_: bool(filter_["operator"] == operator)

    for operator in operators:
        assert has(operator)(find(filters(), has(operator), settings=SEARCH))


@LAWS
@given(cases())
def test_cases_stay_within_the_grammars_limits(case: Case) -> None:
    def size(member: Json) -> tuple[int, int]:
        """Return the number of conditions and the depth of a member."""
        if "not" in member:
            count, depth = size(member["not"])
            return count, depth + 1
        if "condition_groups" not in member:
            return 1, 0
        parts = [size(m) for group in member["condition_groups"] for m in group["conditions"]]
        return sum(count for count, _ in parts), 1 + max(depth for _, depth in parts)

    count, depth = size(case.definition)
    assert count <= 100
    assert depth <= 8
    assert json.loads(json.dumps(case.definition)) == case.definition
    names = [person["external_id"] for person in case.world.people]
    assert len(set(names)) == len(names)
    assert all(instant(person["created"]) <= case.at for person in case.world.people)


def test_no_two_points_are_near_a_limit_of_distance() -> None:
    points = [*pools.POINTS.values(), *pools.PLACES.values()]
    for start in points:
        for end in points:
            kilometres = haversine_km(start, end)
            for limit in pools.DISTANCES:
                assert abs(kilometres / limit - 1) > 0.05
                assert abs(kilometres / MILE_KM / limit - 1) > 0.05


def test_phone_numbers_are_real_and_of_the_countries_asked_for() -> None:
    assert len(pools.PHONES) == len(set(pools.PHONES)) >= 8
    for text in pools.PHONES:
        number = phonenumbers.parse(text)
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.region_code_for_number(number) in pools.PHONE_COUNTRIES


@pytest.mark.parametrize("zone", pools.ZONES)
def test_anchor_days_change_the_clocks(zone: str) -> None:
    tz = World(people=[], zone=zone).tz
    for day in pools.DAYS[zone]:
        start = midnight(day - timedelta(days=1), tz)
        assert midnight(day + timedelta(days=2), tz) - start != timedelta(days=3)
