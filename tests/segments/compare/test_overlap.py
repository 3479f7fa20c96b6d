"""Overlaps are exact: every region, every pair, whatever the segments."""

from __future__ import annotations

import json
from io import StringIO
from itertools import combinations
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.ingest.erase import erase
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, NotFound
from segments.compare.overlap import MOST_SEGMENTS, MemberSets, read_members
from segments.compare.region_people import people_of_region, region_definition
from segments.compare.upset import upset
from segments.engine.checking import check_definition
from segments.engine.preview import preview
from segments.models import Membership, Segment, SegmentStatus
from tests.builders.shops import new_segment
from tests.draws import draws
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db

CROWD = 12


@pytest.fixture
def crowd(shop: Account) -> list[int]:
    people = Profile.objects.bulk_create(
        Profile(account=shop, first_name=f"P{i}", created=AT, updated=AT) for i in range(CROWD)
    )
    return [person.pk for person in people]


def sets_of(shop: Account, crowd: list[int], *members: set[int]) -> tuple[MemberSets, list[str]]:
    Segment.objects.filter(account=shop).delete()
    Membership.objects.filter(account=shop).delete()
    keys = [
        new_segment(shop, f"S{i}", *(crowd[n] for n in some), as_of=AT).key
        for i, some in enumerate(members)
    ]
    return read_members(shop, keys), keys


SEGMENTS = st.lists(st.sets(st.integers(0, CROWD - 1)), min_size=1, max_size=MOST_SEGMENTS)


@settings(
    max_examples=draws(25, nightly=400),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(SEGMENTS)
def test_regions_and_pairs_are_those_of_sets(
    shop: Account, crowd: list[int], members: list[set[int]]
) -> None:
    sets, keys = sets_of(shop, crowd, *members)
    expected: dict[tuple[str, ...], int] = {}
    for person in range(CROWD):
        inside = tuple(key for key, some in zip(keys, members, strict=True) if person in some)
        expected[inside] = expected.get(inside, 0) + 1
    assert {region.keys: region.count for region in sets.regions} == expected
    assert sum(region.count for region in sets.regions) == sets.total == CROWD
    assert [segment.size for segment in sets.segments] == list(map(len, members))
    for pair, (one, other) in zip(sets.pairs, combinations(members, 2), strict=True):
        assert pair.both == len(one & other)
        assert pair.either == len(one | other)
        assert pair.jaccard == (len(one & other) / len(one | other) if one | other else 0)
        assert pair.share_of_one == (len(one & other) / len(one) if one else 0)


@settings(
    max_examples=draws(10, nightly=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(SEGMENTS, st.randoms(use_true_random=False))
def test_the_order_of_the_segments_changes_no_count(
    shop: Account, crowd: list[int], members: list[set[int]], dice: Any
) -> None:
    sets, keys = sets_of(shop, crowd, *members)
    dice.shuffle(keys)
    again = read_members(shop, keys)
    assert {frozenset(r.keys): r.count for r in again.regions} == {
        frozenset(r.keys): r.count for r in sets.regions
    }
    assert {frozenset((p.one.key, p.other.key)): p.jaccard for p in again.pairs} == {
        frozenset((p.one.key, p.other.key)): p.jaccard for p in sets.pairs
    }


@settings(
    max_examples=draws(8, nightly=100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(SEGMENTS)
def test_a_region_has_its_people_and_a_definition_that_selects_them(
    shop: Account, crowd: list[int], members: list[set[int]]
) -> None:
    sets, _keys = sets_of(shop, crowd, *members)
    for region in sets.regions:
        outside = [segment.key for segment in region.outside]
        page = people_of_region(shop, region.keys, outside).page
        assert page.count == len(page.people) == region.count
        tree = check_definition(shop, region_definition(region.keys, outside))
        counts = preview(shop, tree, AT, members=CROWD)
        assert counts.members == [id_ for id_, _profile in page.people]


def test_people_who_are_gone_are_in_no_region(shop: Account, crowd: list[int]) -> None:
    _sets, keys = sets_of(shop, crowd, {0, 1, 2}, {1, 2, 3})
    erase(account=shop, profile_id=crowd[1], at=AT)
    sets = read_members(shop, keys)
    assert sum(region.count for region in sets.regions) == sets.total == CROWD - 1
    assert [segment.size for segment in sets.segments] == [2, 2]


def test_a_segment_of_another_account_is_not_there(shop: Account, other_account: Account) -> None:
    mine, theirs = new_segment(shop), new_segment(other_account)
    with pytest.raises(NotFound):
        read_members(shop, [mine.key, theirs.key])


def test_a_deleted_segment_is_not_there(shop: Account) -> None:
    segment = new_segment(shop, deleted=AT)
    with pytest.raises(NotFound):
        read_members(shop, [segment.key])


@pytest.mark.parametrize("n", [0, 7])
def test_none_or_too_many_segments_are_refused(shop: Account, n: int) -> None:
    keys = [new_segment(shop, f"S{i}").key for i in range(n)]
    with pytest.raises(Invalid):
        read_members(shop, keys)


def test_of_six_segments_the_largest_regions_are_drawn(shop: Account, crowd: list[int]) -> None:
    sets, _keys = sets_of(shop, crowd, *({i, i + 1, i + 2} for i in range(6)))
    picture = upset(sets)
    assert [column.count for column in picture.columns] == sorted(
        (region.count for region in sets.regions if region.inside), reverse=True
    )
    assert all(len(column.dots) == 6 for column in picture.columns)


# --- the command ---------------------------------------------------------------------------------


def overlap(*arguments: str) -> Any:
    out = StringIO()
    call_command("overlap_segments", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_the_command_takes_names_and_keys(shop: Account, crowd: list[int]) -> None:
    _sets, (vip, news) = sets_of(shop, crowd, {0, 1, 2}, {2, 3})
    facts = overlap("S0", news, "--account", "shop")
    assert facts["sizes"] == {vip: 3, news: 2}
    assert {tuple(region["members"]): region["count"] for region in facts["regions"]} == {
        (vip,): 2,
        (news,): 1,
        (vip, news): 1,
        (): CROWD - 4,
    }
    assert facts["pairs"] == [
        {
            "segments": [vip, news],
            "both": 1,
            "either": 4,
            "jaccard": 0.25,
            "containment": {vip: 1 / 3, news: 0.5},
        }
    ]
    assert facts["people"] == CROWD
    assert facts["as_of"]


def test_the_command_refuses_what_it_cannot_compare(shop: Account) -> None:
    new_segment(shop, "All")
    for arguments in (
        ["Nothing", "--account", "shop"],
        ["All", "--account", "nowhere"],
    ):
        with pytest.raises(CommandError):
            overlap(*arguments)


def test_a_frozen_segment_is_counted_as_it_is(shop: Account, crowd: list[int]) -> None:
    segment = new_segment(shop, "Frozen", crowd[0], status=SegmentStatus.FROZEN, as_of=AT)
    facts = overlap("Frozen", "--account", "shop")
    assert facts["segments"][0]["status"] == "frozen"
    assert facts["sizes"] == {segment.key: 1}
