"""Samples are drawn once, exactly and completely, in spite of killed workers, races and edits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from profiles.lists.editing import create_list, delete_list
from profiles.models import List, ListMember, Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid
from segments.models import (
    Membership,
    Sample,
    SamplePart,
    SampleStatus,
    Segment,
    SegmentStatus,
)
from segments.samples.design import GroupDesign, split_groups
from segments.samples.jobs import run_sample
from tests.fixtures.cast import AT
from tests.segments.samples.crowds import crowd, people_on
from tests.segments.samples.drawn_samples import (
    THREE,
    at,
    drawn_sample,
    new_sample,
    segment,
    small_batches,
)

__all__ = ["segment", "small_batches"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("design", "size"),
    [
        ({"number": 7}, 7),
        ({"number": 600}, 60),
        ({"number": None, "percent": Decimal(50)}, 30),
        ({"number": None, "percent": Decimal(50), "at_least": 45}, 45),
        ({"number": None, "percent": Decimal(50), "at_least": 1000}, 60),
        ({"number": None, "percent": Decimal("12.5"), "channel": "email"}, 6),
        ({"number": 100, "channel": "email"}, 48),
        ({"number": 100, "channel": "sms"}, 0),
    ],
)
def test_the_list_has_exactly_so_many_people(
    segment: Segment, design: dict[str, Any], size: int
) -> None:
    sample = drawn_sample(segment, **design)
    (people,) = people_on(sample)
    group = sample.groups.get()
    assert len(people) == group.size == size
    assert people <= set(Membership.objects.values_list("profile_id", flat=True))
    assert (sample.size, sample.eligible) == (60, {"email": 48, "sms": 0}.get(sample.channel, 60))
    emails = Profile.objects.filter(pk__in=people, email__isnull=False).count()
    assert group.reachable == {"email": emails, "sms": 0, "push": 0}
    assert not SamplePart.objects.exists()


def test_groups_share_nobody_and_are_as_large_as_their_shares(segment: Segment) -> None:
    sample = drawn_sample(segment, number=50, groups=split_groups("A:45, B:45 ,Control:10"))
    groups = people_on(sample)
    assert [len(people) for people in groups] == [23, 22, 5]
    assert len(set.union(*groups)) == 50
    names = list(sample.groups.order_by("place").values_list("list__name", "is_control"))
    assert names == [("Test - A", False), ("Test - B", False), ("Test - Control", True)]


def test_each_group_has_the_mix_of_the_whole(segment: Segment) -> None:
    sample = drawn_sample(segment, number=30, groups=THREE, stratify="country")
    for people in people_on(sample):
        norway = Profile.objects.filter(pk__in=people, country="Norway").count()
        assert len(people) == 10
        assert norway in (3, 4)
    assert sample.stratify == "location['country']"


def test_the_mix_of_a_custom_property_is_exact_across_shards(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = people_on(drawn_sample(segment, number=30, seed=5, groups=THREE, stratify="Size"))
    monkeypatch.setattr("segments.samples.drawing.SHARD", 7)
    again = people_on(
        drawn_sample(segment, "Again", number=30, seed=5, groups=THREE, stratify="Size")
    )
    assert whole == again


def test_the_same_seed_draws_the_same_people(segment: Segment) -> None:
    first = drawn_sample(segment, "First", seed=11, groups=THREE)
    second = drawn_sample(segment, "Second", seed=11, groups=THREE)
    third = drawn_sample(segment, "Third", groups=THREE)
    assert people_on(first) == people_on(second)
    assert people_on(third) != people_on(first)
    assert third.seed != drawn_sample(segment, "Fourth").seed


def test_the_sample_remembers_what_it_was_drawn_of(segment: Segment) -> None:
    sample = drawn_sample(segment)
    assert (sample.segment_name, sample.version, sample.definition) == (
        "All",
        1,
        segment.definition,
    )
    assert sample.drawn == AT
    assert set(ListMember.objects.values_list("joined", flat=True)) == {AT}
    segment.delete()
    sample.refresh_from_db()
    assert sample.segment is None
    assert sample.definition == segment.definition


def test_everyone_but_the_sample_is_the_rest_of_the_segment(
    account: Account, segment: Segment
) -> None:
    sample = drawn_sample(segment, number=20, groups=THREE, channel="email")
    rest = drawn_sample(
        segment,
        "Rest",
        number=None,
        percent=Decimal(100),
        channel="email",
        excluding=sample,
    )
    first, others = set.union(*people_on(sample)), people_on(rest)[0]
    assert not first & others
    assert len(first | others) == 48
    group = sample.groups.first()
    assert group is not None
    assert group.list is not None
    delete_list(account=account, key=group.list.key, at=AT)
    late = new_sample(segment, "Late", excluding=sample)
    run_sample(late.pk, at())
    late.refresh_from_db()
    assert late.status == SampleStatus.FAILED
    assert "deleted" in late.error


def test_a_rest_waits_for_its_sample(segment: Segment) -> None:
    sample = new_sample(segment)
    with pytest.raises(Conflict, match="not drawn yet"):
        new_sample(segment, "Rest", excluding=sample)


def test_of_an_empty_segment_nobody_is_drawn(account: Account) -> None:
    sample = drawn_sample(crowd(account, 0), groups=THREE, stratify="Size")
    assert people_on(sample) == [set(), set(), set()]
    assert sample.size == 0


@pytest.mark.parametrize("name", ["Test - B", "Test - control"])
def test_a_list_that_exists_is_not_touched(account: Account, segment: Segment, name: str) -> None:
    create_list(account=account, name=name, at=AT)
    with pytest.raises(Conflict, match="already"):
        new_sample(segment, groups=THREE)
    assert list(List.objects.values_list("name", flat=True)) == [name]
    assert not Sample.objects.exists()


@pytest.mark.parametrize(
    ("design", "pointer"),
    [
        ({"number": None}, "/number"),
        ({"number": 3, "percent": Decimal(5)}, "/number"),
        ({"number": 0}, "/number"),
        ({"number": None, "percent": Decimal(0)}, "/percent"),
        ({"number": None, "percent": Decimal("100.1")}, "/percent"),
        ({"number": None, "percent": Decimal("33.33333")}, "/percent"),
        ({"number": 2**40}, "/number"),
        ({"at_least": -1}, "/at_least"),
        ({"seed": -1}, "/seed"),
        ({"seed": 2**60}, "/seed"),
        ({"stratify": "a\nb"}, "/stratify"),
        ({"channel": "fax"}, "/channel"),
        ({"groups": ()}, "/groups"),
        ({"groups": (GroupDesign("A"), GroupDesign("a"))}, "/groups"),
        ({"groups": (GroupDesign("A"), GroupDesign(""))}, "/groups"),
        ({"groups": (GroupDesign("A" * 61),)}, "/groups"),
        ({"groups": (GroupDesign("A", 0),)}, "/groups"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_its_place(
    segment: Segment, design: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as error:
        new_sample(segment, **design)
    assert pointer in {problem.pointer for problem in error.value.problems}
    assert not List.objects.exists()


@pytest.mark.parametrize("status", [SegmentStatus.BUILDING, SegmentStatus.FROZEN])
def test_a_segment_that_is_not_ready_is_not_drawn_from(segment: Segment, status: str) -> None:
    sample = new_sample(segment)
    Segment.objects.update(status=status)
    segment.refresh_from_db()
    with pytest.raises(Conflict):
        new_sample(segment, "Other")
    run_sample(sample.pk, at())
    sample.refresh_from_db()
    assert sample.status == SampleStatus.FAILED
    assert not List.objects.exists()
