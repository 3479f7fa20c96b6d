"""Samples are drawn once, exactly and whole, whoever dies, races or edits meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from profiles.columns.gather import everyone, forget
from profiles.columns.mirror.upkeep import maintain
from profiles.ingest.erase import erase
from profiles.ingest.store import ingest_profiles
from profiles.lists.editing import create_list, delete_list
from profiles.models import List, ListMember, Profile
from profiles.models.mirror import Mirror as MirrorRow
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid
from segments.models import (
    Membership,
    Sample,
    SampleGroup,
    SamplePart,
    SampleStatus,
    Segment,
    SegmentStatus,
)
from segments.samples import jobs
from segments.samples.design import GroupDesign, SampleDesign, split_groups
from segments.samples.jobs import ask_for_sample, run_sample, waiting_samples
from tests.fixtures.cast import AT
from tests.segments.samples.crowds import crowd, people_on

pytestmark = pytest.mark.django_db

THREE = split_groups("A,B,control")
Clock = Callable[[], datetime]


class Killed(BaseException):
    """What a worker feels of kill -9: nothing runs any more."""


def at(seconds: float = 0) -> Clock:
    """A clock that stands still, so many seconds after AT."""
    return lambda: AT + timedelta(seconds=seconds)


def new_sample(segment: Segment, name: str = "Test", **design: Any) -> Sample:
    """A sample that waits."""
    return ask_for_sample(
        account=segment.account,
        user=None,
        segment=segment,
        list_name=name,
        design=SampleDesign(**{"number": 10} | design),
        at=AT,
    )


def drawn_sample(segment: Segment, name: str = "Test", **design: Any) -> Sample:
    """A sample that was drawn."""
    sample = new_sample(segment, name, **design)
    run_sample(sample.pk, at())
    sample.refresh_from_db()
    assert sample.status == SampleStatus.DONE, sample.error
    return sample


@pytest.fixture
def segment(account: Account) -> Segment:
    return crowd(account, 60)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of four people, and no worker but those that tests are."""
    monkeypatch.setattr(jobs, "BATCH", 4)
    monkeypatch.setattr(jobs.sample_start, "subscribers", [])


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


# --- workers that die, and race ------------------------------------------------------------------


def kill_after(monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    """Let the worker die when it puts people on a list for so many times."""
    fill, count = vars(jobs)["fill_list"], [0]

    def dies(**arguments: Any) -> int:
        count[0] += 1
        if count[0] > calls:
            raise Killed
        return fill(**arguments)

    monkeypatch.setattr(jobs, "fill_list", dies)


@pytest.mark.parametrize("calls", [0, 1, 4])
def test_a_killed_worker_s_sample_is_finished_with_the_same_people(
    account: Account, segment: Segment, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = people_on(drawn_sample(segment, "Expected", number=25, seed=3, groups=THREE))
    sample = new_sample(segment, number=25, seed=3, groups=THREE)
    with monkeypatch.context() as patch:
        kill_after(patch, calls)
        with pytest.raises(Killed):
            run_sample(sample.pk, at())
    Membership.objects.all().delete()  # whoever leaves now was drawn already
    run_sample(sample.pk, at(30))
    assert sum(map(len, people_on(sample))) < 25  # not taken over yet
    assert waiting_samples(at(59)()) == []
    assert waiting_samples(at(61)()) == [sample.pk]
    run_sample(sample.pk, at(61))
    sample.refresh_from_db()
    assert sample.status == SampleStatus.DONE
    assert people_on(sample) == expected
    assert waiting_samples(at(3600)()) == []


def test_a_sample_whose_message_was_lost_is_found_by_the_sweep(segment: Segment) -> None:
    sample = new_sample(segment)
    assert waiting_samples(at(4)()) == []
    assert waiting_samples(at(5)()) == [sample.pk]
    assert waiting_samples(at(9)()) == []
    assert waiting_samples(at(10)()) == [sample.pk]
    run_sample(sample.pk, at(11))
    assert waiting_samples(at(999)()) == []


def test_a_worker_killed_before_it_has_drawn_leaves_nothing(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = new_sample(segment)

    def dies(*_arguments: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "groups_of", dies)
        with pytest.raises(Killed):
            run_sample(sample.pk, at())
    sample.refresh_from_db()
    assert (sample.drawn, SamplePart.objects.count()) == (None, 0)
    run_sample(sample.pk, at(61))
    assert len(people_on(sample)[0]) == 10


def test_a_worker_that_comes_back_late_changes_nothing(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = new_sample(segment)
    fill = vars(jobs)["fill_list"]

    def slow(**arguments: Any) -> int:
        monkeypatch.setattr(jobs, "fill_list", fill)
        Sample.objects.filter(pk=sample.pk).update(heartbeat=AT + timedelta(seconds=99))
        return fill(**arguments)

    monkeypatch.setattr(jobs, "fill_list", slow)
    run_sample(sample.pk, at())
    assert not ListMember.objects.exists()
    assert SamplePart.objects.count() == 3


def test_a_sample_that_kills_every_worker_is_given_up_with_the_reason(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = new_sample(segment)

    def breaks(**_arguments: Any) -> int:
        raise ValueError("the disk is full")

    monkeypatch.setattr(jobs, "fill_list", breaks)
    run = 0
    while sample.finished is None and run < 20:
        try:
            run_sample(sample.pk, at(61 * run))
        except ValueError:
            run += 1
        sample.refresh_from_db()
    assert sample.status == SampleStatus.FAILED
    assert "the disk is full" in sample.error
    assert not List.objects.exists()


def test_a_list_deleted_meanwhile_ends_the_sample(account: Account, segment: Segment) -> None:
    sample = new_sample(segment, groups=THREE)
    group = sample.groups.get(name="B")
    assert group.list is not None
    delete_list(account=account, key=group.list.key, at=AT)
    run_sample(sample.pk, at())
    sample.refresh_from_db()
    assert sample.status == SampleStatus.FAILED
    assert not List.objects.exists()
    assert SampleGroup.objects.count() == 3


def test_whoever_is_erased_meanwhile_is_passed_over(
    account: Account, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = new_sample(segment, number=60)
    with monkeypatch.context() as patch:
        kill_after(patch, 0)
        with pytest.raises(Killed):
            run_sample(sample.pk, at())
    person = Profile.objects.order_by("pk")[17].pk
    erase(account=account, profile_id=person, at=AT)
    run_sample(sample.pk, at(61))
    sample.refresh_from_db()
    assert sample.status == SampleStatus.DONE
    assert len(people_on(sample)[0]) == 59


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_draw_it_once(segment: Segment) -> None:
    sample = new_sample(segment, number=40, groups=THREE)
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        run_sample(sample.pk, at())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    sample.refresh_from_db()
    assert (sample.status, sample.tries) == (SampleStatus.DONE, 0)
    assert sorted(len(people) for people in people_on(sample)) == [13, 13, 14]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_for_the_same_list_one_gets_it(segment: Segment) -> None:
    barrier = threading.Barrier(2)
    answers: list[int | str] = []

    def ask() -> None:
        barrier.wait()
        try:
            answers.append(new_sample(segment).pk)
        except Conflict as error:
            answers.append(str(error))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 2
    assert sum(isinstance(answer, int) for answer in answers) == 1
    assert List.objects.count() == 1


def test_from_a_mirror_the_same_people_are_drawn_as_from_rows(
    account: Account, segment: Segment
) -> None:
    design: dict[str, Any] = {"number": 20, "seed": 9, "groups": THREE, "channel": "email"}
    people = list(Profile.objects.filter(email__isnull=False).order_by("pk"))
    maintain(account, AT)
    assert everyone(account).in_files
    erase(account=account, profile_id=people[0].pk, at=AT)
    news = [{"id": person.pk, "properties": {"Size": "XL"}} for person in people[1:7]]
    refusals = {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}}
    news += [{"id": people[9].pk, "subscriptions": refusals}]
    assert not ingest_profiles(account=account, records=news, at=AT).rejected
    from_mirror = drawn_sample(segment, "Mirror", stratify="Size", **design)
    MirrorRow.objects.all().delete()
    forget()
    assert not everyone(account).in_files
    from_rows = drawn_sample(segment, "Rows", stratify="Size", **design)
    assert people_on(from_mirror) == people_on(from_rows)
    assert from_mirror.eligible == from_rows.eligible == 46
