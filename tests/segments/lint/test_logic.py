"""What is called impossible is impossible: against the oracle, for drawn people and definitions."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments.definition.codec import decode, encode
from segments.definition.tree import All, Any, Node, walk
from segments.definition.windows import Moment
from segments.lint.logic.theory import Theory
from tests.builders.definitions import (
    ALL_TIME,
    IS_SET,
    Json,
    about,
    at_least,
    both,
    either,
    last,
    never,
    number,
    text,
    times,
    when,
)
from tests.draws import draws
from tests.fixtures.cast import AT
from tests.oracle.oracle import members
from tests.oracle.strategies import Case, cases
from tests.segments.lint.related import related_cases

LAW = settings(
    max_examples=draws(80, nightly=6_000),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
COUNTRY = "location['country']"
SIZE = "properties['Size']"


def who(case: Case, node: Node) -> set[int]:
    """Who meets a part of a definition, according to the oracle."""
    group = node if isinstance(node, Any) else Any((node,))
    tree = node if isinstance(node, All) else All((group,))
    return members(encode(tree), case.world, case.at)


@LAW
@given(st.one_of(related_cases(), cases()))
def test_nobody_meets_what_is_called_impossible_and_everyone_what_is_called_certain(
    case: Case,
) -> None:
    tree = decode(case.definition)
    theory = Theory(tree, Moment(case.at, ZoneInfo(case.world.zone)))
    everyone = set(range(len(case.world.people)))
    for _pointer, node in walk(tree):
        if theory.never(node):
            assert who(case, node) == set()
        if theory.always(node):
            assert who(case, node) == everyone


def theory_of(definition: Json) -> tuple[Theory, All]:
    """The theory of a definition whose metrics are named by their names."""
    tree = decode(with_keys(definition))
    return Theory(tree, Moment(AT, ZoneInfo("Europe/Stockholm"))), tree


def with_keys(value: object) -> object:
    """A definition with the names of metrics as their keys."""
    if isinstance(value, list):
        return list(map(with_keys, value))
    if not isinstance(value, dict):
        return value
    names = {"metric": "metric_id", "groups": "group_ids"}
    return {names.get(name, name): with_keys(item) for name, item in value.items()}


def about_country(operator: str, value: object, **more: bool) -> Json:
    return about(COUNTRY, text(operator, value, **more))


def inside(region: str, is_in: bool = True) -> Json:
    return {"type": "profile-region", "in_region": is_in, "region": region}


def dates(start: str, end: str) -> Json:
    return {"type": "date", "operator": "between-static", "start": start, "end": end}


IMPOSSIBLE = {
    "in a range to come, but never in a longer one": both(
        at_least("Order", 1, dates("2026-03-10", "2026-03-12")),
        never("Order", dates("2026-03-08", "2026-03-20")),
    ),
    "lately, but never in a range that goes on": both(
        at_least("Order", 1, dates("2026-02-10", "2026-03-05")),
        never("Order", dates("2026-02-01", "2026-03-20")),
    ),
    "in a range that goes on, but never": both(
        at_least("Order", 1, dates("2026-02-10", "2026-03-05")), never("Order")
    ),
    "often in a month, but never": both(at_least("Order", 3, last(30)), never("Order")),
    "often in a month, but rarely in a year": both(
        at_least("Order", 3, last(30)), times("Order", "less-than", 3, last(1, "year"))
    ),
    "narrowed events, but none at all": both(
        at_least("Order", 1, metric_filters=[{"property": "Name", "filter": text("equals", "x")}]),
        never("Order"),
    ),
    "fewer than no times": both(times("Order", "less-than", 0)),
    "a value that lies in two countries": both(
        about_country("equals", "Sweden"), about_country("equals", "Norway")
    ),
    "in a list and not one of it": both(
        about_country("equals", "Sweden"), about_country("not-in", ["Sweden", "Norway"])
    ),
    "equal in any case, but not": both(
        about_country("equals", "sweden", ignore_case=True),
        {"not": about_country("equals", "SWEDEN", ignore_case=True)},
    ),
    "contains and does not": both(
        about_country("contains", "land"), about_country("not-contains", "and")
    ),
    "starts with two things": both(
        about_country("starts-with", "Swe"), about_country("not-starts-with", "Sw")
    ),
    "set and not set": both(
        about(COUNTRY, IS_SET), about(COUNTRY, {"type": "existence", "operator": "not-set"})
    ),
    "more and less": both(
        about(SIZE, number("greater-than", 5)), about(SIZE, number("less-than", 5))
    ),
    "an empty range of dates": both(
        at_least(
            "Order",
            1,
            {
                "type": "date",
                "operator": "between-static",
                "start": "2026-02-01",
                "end": "2026-01-01",
            },
        )
    ),
    "in a region and in a country outside": both(
        inside("european_union"), about_country("equals", "Norway")
    ),
    "in two regions": both(inside("european_union"), inside("united_states")),
    "deep below": both(
        {"not": either(about_country("equals", "Sweden"), about_country("not-equals", "Sweden"))},
        about(COUNTRY, IS_SET),
    ),
}


@pytest.mark.parametrize("definition", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_nobody_can_be(definition: Json) -> None:
    theory, tree = theory_of(definition)
    assert theory.never(tree)


CERTAIN = {
    "at least no times": both(at_least("Order", 0)),
    "once or never": either(at_least("Order", 1), never("Order")),
    "often in a year, or not in a month": either(
        times("Order", "less-than", 3, last(30)), at_least("Order", 3, last(1, "year"))
    ),
    "not in one of two countries, or unknown": either(
        about_country("not-equals", "Sweden", include_unset=True),
        about_country("not-equals", "Norway", include_unset=True),
    ),
    "not both": either(
        {"not": about_country("equals", "Sweden")}, {"not": about_country("equals", "Norway")}
    ),
    "on a list or not": either(
        {"type": "profile-group-membership", "is_member": True, "group_ids": ["Letter"]},
        {"type": "profile-group-membership", "is_member": False, "group_ids": ["Letter"]},
    ),
}


@pytest.mark.parametrize("definition", CERTAIN.values(), ids=CERTAIN)
def test_everyone_is(definition: Json) -> None:
    theory, tree = theory_of(definition)
    assert theory.always(tree)


POSSIBLE = {
    "in one of two ranges to come": both(
        at_least("Order", 1, dates("2026-03-10", "2026-03-12")),
        never("Order", dates("2026-03-20", "2026-03-24")),
    ),
    "in one of two ranges to come or not in the other": either(
        never("Order", dates("2026-03-10", "2026-03-12")),
        at_least("Order", 1, dates("2026-03-20", "2026-03-24")),
    ),
    "after one of two dates to come": both(
        at_least("Order", 1, {"type": "date", "operator": "after", "date": "2026-03-10"}),
        never("Order", dates("2026-03-05", "2026-03-20")),
    ),
    "at the end of a range that goes on longer": both(
        at_least("Order", 1, dates("2026-02-10", "2026-03-20")),
        never("Order", dates("2026-02-10", "2026-03-05")),
    ),
    "often once, rarely lately": both(
        at_least("Order", 3, ALL_TIME), times("Order", "less-than", 3, last(30))
    ),
    "between two windows": both(
        at_least("Order", 1, when("between", 4, 13)), never("Order", last(3))
    ),
    "contains in another case": both(
        about_country("contains", "LAND"), about_country("not-contains", "land")
    ),
    "two numbers of a list": both(
        about(SIZE, number("not-equals", 5)), about(SIZE, number("not-equals", 6))
    ),
    "everybody in a country": both(about_country("not-equals", "Sweden")),
    "another property": both(
        about_country("equals", "Sweden"), about("location['city']", text("equals", "Norway"))
    ),
}


@pytest.mark.parametrize("definition", POSSIBLE.values(), ids=POSSIBLE)
def test_somebody_may_be_and_somebody_not(definition: Json) -> None:
    theory, tree = theory_of(definition)
    assert not theory.never(tree)
    assert not theory.always(tree)
