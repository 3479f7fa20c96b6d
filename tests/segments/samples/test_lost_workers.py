"""Samples whose workers die or race, and what is deleted meanwhile."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from profiles.columns.gather import everyone, forget
from profiles.columns.mirror.upkeep import maintain
from profiles.ingest.erase import erase
from profiles.ingest.store import ingest_profiles
from profiles.lists.editing import delete_list
from profiles.models import List, ListMember, Profile
from profiles.models.mirror import Mirror as MirrorRow
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict
from segments.models import (
    Membership,
    Sample,
    SampleGroup,
    SamplePart,
    SampleStatus,
    Segment,
)
from segments.samples import jobs
from segments.samples.jobs import run_sample, waiting_samples
from tests.fixtures.cast import AT
from tests.segments.samples.crowds import people_on
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


class Killed(BaseException):
    """What a worker feels of kill -9: nothing runs any more."""


# --- workers that die, and race ------------------------------------------------------------------


def kill_after(monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    """Kill the worker after it has added people to a list `calls` times."""
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
    Membership.objects.all().delete()  # people who leave now were drawn already
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
