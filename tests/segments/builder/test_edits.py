"""Edits of a definition in the builder: pure steps, none of which loses a condition."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmenter.kernel.errors import Invalid
from segments.builder.edits import EDITS, fields, members, spots
from segments.builder.partial import countable_part, owner_of
from segments.definition.codec import decode
from segments.definition.tree import walk
from tests.draws import draws

IS_SET = {"type": "existence", "operator": "is-set"}


def condition(name: str) -> dict[str, Any]:
    """A condition that differs from the others by its name."""
    return {"type": "profile-property", "property": f"properties['{name}']", "filter": IS_SET}


def group(*members: Any) -> dict[str, Any]:
    return {"conditions": list(members)}


def groups(*several: dict[str, Any]) -> dict[str, Any]:
    return {"condition_groups": list(several)}


A, B, C, D, E = (condition(name) for name in "ABCDE")
TREE = groups(group(A, B), group(C, groups(group(D), group(E))))
G0, G1 = "/condition_groups/0", "/condition_groups/1"
M = "/conditions/"
NESTED = f"{G1}{M}1"


def names(node: Any) -> Any:
    """A definition in short: groups and members as lists, conditions as their names."""
    if "not" in node:
        return ("not", names(node["not"]))
    for key in ("condition_groups", "conditions"):
        if key in node:
            return [names(each) for each in node[key]]
    return node["property"][12:-2] if node else ""


def do(todo: str, at: str, value: Any = None, tree: dict[str, Any] = TREE) -> tuple[Any, str]:
    before = deepcopy(tree)
    after, focus = EDITS[todo](tree, at, value)
    assert tree == before, "an edit leaves what it was given as it was"
    return names(after), focus


WHOLE = names(TREE)


def test_the_tree_in_short() -> None:
    assert WHOLE == [["A", "B"], ["C", [["D"], ["E"]]]]


@pytest.mark.parametrize(
    ("todo", "at", "value", "after", "focus"),
    [
        ("add", G0, condition("X"), [["A", "B", "X"], WHOLE[1]], f"{G0}{M}2"),
        ("add", f"{G0}{M}0", condition("X"), [["A", "X", "B"], WHOLE[1]], f"{G0}{M}1"),
        ("add-group", "", None, [*WHOLE, [""]], f"/condition_groups/2{M}0"),
        (
            "add-nested",
            G0,
            None,
            [["A", "B", [[""]]], WHOLE[1]],
            f"{G0}{M}2/condition_groups/0{M}0",
        ),
        ("remove", f"{G0}{M}0", None, [["B"], WHOLE[1]], f"{G0}{M}0"),
        ("remove", f"{G0}{M}1", None, [["A"], WHOLE[1]], f"{G0}{M}0"),
        ("remove", G0, None, [WHOLE[1]], "/condition_groups/0"),
        (
            "remove",
            f"{NESTED}/condition_groups/0{M}0",
            None,
            [["A", "B"], ["C", [["E"]]]],
            f"{NESTED}/condition_groups/0",
        ),
        ("duplicate", f"{G0}{M}0", None, [["A", "A", "B"], WHOLE[1]], f"{G0}{M}1"),
        ("duplicate", G0, None, [["A", "B"], *WHOLE], G1),
        ("negate", f"{G0}{M}0", None, [[("not", "A"), "B"], WHOLE[1]], f"{G0}{M}0"),
        ("negate", NESTED, None, [["A", "B"], ["C", ("not", [["D"], ["E"]])]], NESTED),
        ("move", f"{G0}{M}0", f"{G0}{M}2", [["B", "A"], WHOLE[1]], f"{G0}{M}1"),
        ("move", f"{G0}{M}1", f"{G0}{M}0", [["B", "A"], WHOLE[1]], f"{G0}{M}0"),
        ("move", f"{G0}{M}0", G1, [["B"], ["C", [["D"], ["E"]], "A"]], f"{G1}{M}2"),
        ("move", f"{G0}{M}0", f"{G0}{M}0", WHOLE, f"{G0}{M}0"),
        ("move", NESTED, f"{NESTED}/condition_groups/0", WHOLE, NESTED),
        (
            "move",
            f"{NESTED}/condition_groups/0{M}0",
            f"{G0}{M}0",
            [["D", "A", "B"], ["C", [["E"]]]],
            f"{G0}{M}0",
        ),
        ("move", G1, G0, [WHOLE[1], WHOLE[0]], G0),
        ("up", f"{G0}{M}1", None, [["B", "A"], WHOLE[1]], f"{G0}{M}0"),
        ("up", f"{G0}{M}0", None, WHOLE, f"{G0}{M}0"),
        ("up", f"{G1}{M}0", None, [["A", "B", "C"], [WHOLE[1][1]]], f"{G0}{M}2"),
        ("up", G1, None, [WHOLE[1], WHOLE[0]], G0),
        ("up", G0, None, WHOLE, G0),
        ("down", f"{G0}{M}0", None, [["B", "A"], WHOLE[1]], f"{G0}{M}1"),
        ("down", f"{G0}{M}1", None, [["A"], ["B", *WHOLE[1]]], f"{G1}{M}0"),
        ("down", NESTED, None, WHOLE, NESTED),
        ("down", G0, None, [WHOLE[1], WHOLE[0]], G1),
        (
            "in",
            f"{G1}{M}0",
            None,
            [["A", "B"], [[["D", "C"], ["E"]]]],
            f"{G1}{M}0/condition_groups/0{M}1",
        ),
        ("in", f"{G0}{M}0", None, [[[["A"]], "B"], WHOLE[1]], f"{G0}{M}0/condition_groups/0{M}0"),
        (
            "out",
            f"{NESTED}/condition_groups/1{M}0",
            None,
            [["A", "B"], ["C", [["D"]], "E"]],
            f"{G1}{M}2",
        ),
        ("out", f"{G0}{M}0", None, WHOLE, f"{G0}{M}0"),
    ],
)
def test_steps(todo: str, at: str, value: Any, after: Any, focus: str) -> None:
    assert do(todo, at, value) == (after, focus)


def test_negating_twice_is_where_it_began() -> None:
    once = members.negate(TREE, f"{G0}{M}0").definition
    assert members.negate(once, f"{G0}{M}0").definition == TREE


def test_deleting_the_last_condition_begins_anew() -> None:
    assert do("remove", f"{G0}{M}0", tree=groups(group(A))) == ([[""]], f"{G0}{M}0")
    assert do("remove", G0, tree=groups(group(A))) == ([[""]], f"{G0}{M}0")
    nested = groups(group({"not": groups(group(A))}))
    assert names(members.remove(nested, f"{G0}{M}0/not/condition_groups/0{M}0").definition) == [
        [""]
    ]


def test_fields_are_set_and_taken_away() -> None:
    at = f"{G0}{M}0"
    after = fields.set_fields(TREE, at, {"property": "email", "filter": None}).definition
    assert spots.resolve(after, at) == {"type": "profile-property", "property": "email"}
    after = fields.clear(TREE, f"{at}/filter/operator").definition
    assert spots.resolve(after, at)["filter"] == {"type": "existence"}


def test_items_are_put_added_and_taken_away() -> None:
    at = f"{G0}{M}0"
    tree = fields.append(TREE, f"{at}/list", "a").definition
    tree = fields.append(tree, f"{at}/list", "b").definition
    tree = fields.put(tree, f"{at}/list/2", "c").definition
    tree = fields.put(tree, f"{at}/list/0", "A").definition
    assert spots.resolve(tree, f"{at}/list") == ["A", "b", "c"]
    tree = fields.take_away(tree, f"{at}/list/1").definition
    assert spots.resolve(tree, f"{at}/list") == ["A", "c"]
    for _ in range(2):
        tree = fields.take_away(tree, f"{at}/list/0").definition
    assert tree == TREE


@pytest.mark.parametrize("todo", sorted(set(EDITS) - {"settle"}))
@pytest.mark.parametrize(
    "at",
    [
        "/nowhere",
        f"{G0}{M}9",
        f"{G0}{M}-1",
        f"{G0}{M}x",
        "/condition_groups/7",
        f"{G0}{M}0/filter/operator/deeper",
        "no pointer",
    ],
)
def test_a_place_that_is_not_there_is_refused(todo: str, at: str) -> None:
    with pytest.raises(Invalid):
        EDITS[todo](deepcopy(TREE), at, {"x": 1} if todo == "set" else G0)


def test_empty_rows_are_left_behind() -> None:
    tree = groups(group({}, A, {"not": {}}), group({}), group(groups(group({}), group(B))))
    assert names(members.without_blanks(tree)) == [["A"], [[["B"]]]]
    empty = groups(group({}))
    assert members.without_blanks(empty) == empty


LETTERS = st.sampled_from("ABCDEFGHIJ")
MEMBERS = st.recursive(
    LETTERS.map(condition),
    lambda inner: st.one_of(
        inner.map(lambda member: {"not": member}),
        st.lists(
            st.lists(inner, min_size=1, max_size=3).map(lambda m: group(*m)), min_size=1, max_size=3
        ).map(lambda g: groups(*g)),
    ),
    max_leaves=8,
)
TREES = st.lists(
    st.lists(MEMBERS, min_size=1, max_size=3).map(lambda m: group(*m)), min_size=1, max_size=3
).map(lambda g: groups(*g))


def letters(node: Any) -> list[str]:
    """The names of all conditions."""
    if isinstance(node, list):
        return [name for each in node for name in letters(each)]
    if "property" in node:
        return [node["property"][12:-2]]
    return [name for each in node.values() for name in letters(each)]


@settings(max_examples=draws(80, nightly=300), deadline=None)
@given(TREES, st.data())
def test_moving_loses_nothing(tree: dict[str, Any], data: st.DataObject) -> None:
    places = [at for at, _node in walk(decode(tree)) if at and not at.endswith("/not")]
    at = data.draw(st.sampled_from(places))
    todo = data.draw(st.sampled_from(["up", "down", "in", "out", "move"]))
    target = data.draw(st.sampled_from(places))
    try:
        after, focus = EDITS[todo](tree, at, target)
    except Invalid:
        assert todo == "move"
        return
    assert sorted(letters(after)) == sorted(letters(tree))
    decode(after)
    assert names(spots.resolve(after, focus)) == names(spots.resolve(tree, at)) or todo == "in"


@settings(max_examples=draws(60, nightly=200), deadline=None)
@given(TREES, st.data())
def test_what_is_finished_is_counted_without_the_rest(
    tree: dict[str, Any], data: st.DataObject
) -> None:
    places = [at for at, node in walk(decode(tree)) if not hasattr(node, "groups")]
    broken = data.draw(st.lists(st.sampled_from(places), max_size=3))
    hurt = deepcopy(tree)
    for at in broken:
        try:
            place = spots.resolve(hurt, at)
        except Invalid:
            continue
        place.clear()
    done = countable_part(hurt, decode)
    if done.tree is None:
        assert done.problems
        return
    assert done.is_whole == (hurt == tree)
    names_left = [names(spots.resolve(hurt, done.places[at])) for at, _node in walk(done.tree)]
    assert names_left[0] == names(hurt)
    for at, node in walk(done.tree):
        if hasattr(node, "property"):
            assert spots.resolve(hurt, done.places[at])["property"] == node.property
    assert all(owner_of(problem.pointer) for problem in done.problems)


def test_a_negated_unfinished_condition_never_stands_for_everyone() -> None:
    done = countable_part(groups(group({"not": {}})), decode)
    assert done.tree is None
    done = countable_part(groups(group({"not": {"type": "profile-property"}}, A)), decode)
    assert done.tree == decode(groups(group(A)))
    assert {owner_of(p.pointer) for p in done.problems} == {f"{G0}{M}0"}


def test_a_problem_of_the_whole_leaves_nothing_to_count() -> None:
    many = groups(group(*[A] * 101))
    done = countable_part(many, decode)
    assert done.tree is None
    assert [p.code for p in done.problems] == ["too_many"]
