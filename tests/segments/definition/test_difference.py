"""The differences of two definitions, condition by condition."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from segments.definition.codec import decode
from segments.definition.difference import Line, difference_lines, differences
from tests.builders.definitions import IS_SET, about, both, either, of_country, text
from tests.draws import draws
from tests.oracle.strategies import definitions
from tests.segments.definition.sentences import KeysAreNames

EMAIL = about("email", IS_SET)
PHONE = about("phone_number", IS_SET)
SWEDEN, NORWAY = of_country("Sweden"), of_country("Norway")
NOT_EMAIL = {"not": EMAIL}


def lines(before: Any, after: Any) -> list[Line]:
    return difference_lines(decode(before), decode(after), KeysAreNames())


def kinds(before: Any, after: Any) -> list[str]:
    return [line.kind for line in lines(before, after)]


def test_one_more_group_is_added() -> None:
    (line,) = lines(both(EMAIL), both(EMAIL, NOT_EMAIL))
    assert (line.kind, line.before, line.beside) == ("added", "", "")
    assert line.after.startswith("People who are not among")


def test_one_group_less_is_removed() -> None:
    (line,) = lines(both(EMAIL, NOT_EMAIL), both(NOT_EMAIL))
    assert (line.kind, line.after) == ("removed", "")


def test_a_condition_of_the_same_kind_in_its_place_is_changed() -> None:
    (line,) = lines(both(NOT_EMAIL, SWEDEN), both(NOT_EMAIL, NORWAY))
    assert line.kind == "changed"
    assert "Sweden" in line.before
    assert "Norway" in line.after


def test_an_alternative_says_to_what() -> None:
    (line,) = lines(either(SWEDEN), either(SWEDEN, NORWAY))
    assert line.kind == "added"
    assert "Norway" in line.after
    assert "Sweden" in line.beside


def test_order_makes_no_difference() -> None:
    assert kinds(both(EMAIL, SWEDEN), both(SWEDEN, EMAIL)) == []
    assert kinds(either(EMAIL, SWEDEN), either(SWEDEN, EMAIL)) == []


def test_the_same_condition_twice_counts_twice() -> None:
    assert kinds(both(EMAIL, EMAIL), both(EMAIL)) == ["removed"]
    assert kinds(both(EMAIL), both(EMAIL, EMAIL)) == ["added"]


def test_several_changes_come_in_the_order_removed_changed_added() -> None:
    before = both(NOT_EMAIL, SWEDEN)
    after = both(about("title", text("equals", "x")), EMAIL, PHONE, NORWAY)
    order = kinds(before, after)
    assert order == sorted(order, key=["removed", "changed", "added"].index)
    assert "removed" in order


def test_the_words_follow_the_language() -> None:
    with translation.override("sv"):
        (line,) = lines(both(EMAIL), both(EMAIL, SWEDEN))
    assert line.after.startswith("Personer")


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
drawn = definitions(NOON, "UTC", ["Regulars"])


@settings(deadline=None, max_examples=draws(40, nightly=800))
@given(drawn, drawn)
def test_differences_account_for_every_group(before: Any, after: Any) -> None:
    old, new = decode(before), decode(after)
    assert differences(old, old) == []
    changes = differences(old, new)
    same = sorted(map(repr, old.groups)) == sorted(map(repr, new.groups))
    assert not (same and changes)
    mirrored = {"added": "removed", "removed": "added", "changed": "changed"}
    back = differences(new, old)
    assert bool(back) == bool(changes)
    if len(old.groups) == len(new.groups) == 1:
        there = sorted(change.kind for change in changes)
        assert sorted(mirrored[change.kind] for change in back) == there


@settings(deadline=None, max_examples=draws(40, nightly=800))
@given(drawn, st.randoms(use_true_random=False))
def test_a_shuffled_definition_has_no_difference(definition: Any, random: Any) -> None:
    groups = [
        {"conditions": random.sample(group["conditions"], len(group["conditions"]))}
        for group in definition["condition_groups"]
    ]
    random.shuffle(groups)
    assert differences(decode(definition), decode({"condition_groups": groups})) == []
