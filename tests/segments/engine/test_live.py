"""Membership follows the people: builds, the live path, and both at once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from profiles.columns.gather import all_of
from profiles.ingest.merge import merge
from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Metric, Profile, ProfileChange
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.errors import Conflict, Invalid
from segments.definition.codec import decode
from segments.definition.conditions.metric import ProfileMetric
from segments.engine.build import run_build
from segments.engine.build_queue import builds_due
from segments.engine.deletion import delete_segment
from segments.engine.editing import save_segment
from segments.engine.evaluate import Evaluation
from segments.engine.live import follow, handle_changes
from segments.engine.membership import members
from segments.engine.queries import resolve_names
from segments.models import Build, MembershipChange, Segment, SegmentStatus
from tests.builders.definitions import at_least, both, last

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def shop() -> Account:
    account = create_account(slug="shop")
    people = [{"external_id": f"p{i}", "properties": {"size": i}} for i in range(10)]
    ingest_profiles(account=account, records=people, at=NOON)
    return account


def order(account: Account, person: int, time: datetime, *, at: datetime = NOON) -> None:
    event = {"metric": "Placed Order", "time": time, "value": 10, "unique_id": time.isoformat()}
    event["profile"] = {"external_id": f"p{person}"}
    outcome = ingest_events(account=account, records=[event], at=at, times=FILE_TIMES)
    assert not outcome.rejected


def bought(quantity: int = 30, unit: str = "day", least: int = 1) -> dict[str, Any]:
    return at_least("Placed Order", least, last(quantity, unit))


def saved(account: Account, name: str, definition: Any, at: datetime = NOON) -> Segment:
    segment = save_segment(
        account=account,
        user=None,
        name=name,
        definition=resolve_names(account, definition),
        at=at,
    )
    return segment_built(segment, at)


def segment_built(segment: Segment, at: datetime = NOON) -> Segment:
    for build in Build.objects.filter(segment=segment, finished=None):
        run_build(build.pk, at)
    segment.refresh_from_db()
    return segment


def inside(segment: Segment) -> set[str]:
    ids = members(segment.pk).tolist()
    names = Profile.objects.filter(pk__in=ids).values_list("external_id", flat=True)
    return {str(name).removeprefix("p") for name in names}


def recomputed(segment: Segment, at: datetime) -> set[int]:
    people = all_of(segment.account)
    return set(people.ids[Evaluation(people, at).mask(decode(segment.definition))].tolist())


def test_a_build_makes_membership_what_the_definition_says(shop: Account) -> None:
    order(shop, 1, NOON - timedelta(days=1))
    order(shop, 2, NOON - timedelta(days=90))
    segment = saved(shop, "Buyers", both(bought()))
    assert segment.status == SegmentStatus.READY
    assert inside(segment) == {"1"}
    assert segment.size == 1
    assert list(MembershipChange.objects.values_list("cause", "entered")) == [("definition", True)]


def test_an_event_lets_its_person_in_and_says_why(shop: Account) -> None:
    order(shop, 1, NOON)
    segment = saved(shop, "Buyers", both(bought()))
    while handle_changes(shop, NOON):
        pass
    order(shop, 7, NOON)
    assert handle_changes(shop, NOON) == 1
    assert inside(segment) == {"1", "7"}
    segment.refresh_from_db()
    assert segment.size == 2
    last = MembershipChange.objects.latest("pk")
    assert (last.cause, last.entered) == ("event", True)
    assert handle_changes(shop, NOON) == 0


def test_a_new_person_is_a_member_of_zero_times(shop: Account) -> None:
    order(shop, 1, NOON)
    never = bought() | {"measurement_filter": {"type": "numeric", "operator": "equals", "value": 0}}
    segment = saved(shop, "Never", both(never))
    ingest_profiles(account=shop, records=[{"external_id": "new"}], at=NOON)
    while handle_changes(shop, NOON):
        pass
    assert "new" in inside(segment)
    assert set(members(segment.pk).tolist()) == recomputed(segment, NOON)


def test_a_window_lets_go_at_the_accounts_midnight(shop: Account) -> None:
    order(shop, 1, NOON)
    segment = saved(shop, "Buyers", both(bought(quantity=1)))
    assert inside(segment) == {"1"}
    next_noon = NOON + timedelta(days=1)
    follow(shop, NOON)
    assert follow(shop, next_noon) == 0
    assert inside(segment) == {"1"}
    assert follow(shop, NOON + timedelta(days=2)) == 1
    assert inside(segment) == set()
    last = MembershipChange.objects.latest("pk")
    midnight = datetime.combine(NOON.date() + timedelta(days=2), time(), shop.zone)
    assert (last.cause, last.true_since) == ("time", midnight)
    assert follow(shop, NOON + timedelta(days=2, hours=1)) == 0


def test_segments_that_refer_to_segments_follow(shop: Account) -> None:
    order(shop, 1, NOON)
    buyers = saved(shop, "Buyers", both(bought()))
    member = {"type": "profile-group-membership", "is_member": True, "groups": ["Buyers"]}
    large = {
        "type": "profile-property",
        "property": "properties['size']",
        "filter": {"type": "numeric", "operator": "greater-than", "value": 5},
    }
    large_buyers = saved(shop, "Large buyers", both(member, large))
    assert inside(large_buyers) == set()
    order(shop, 8, NOON)
    while handle_changes(shop, NOON):
        pass
    assert inside(buyers) == {"1", "8"}
    assert inside(large_buyers) == {"8"}


def test_a_segment_cannot_depend_on_itself(shop: Account) -> None:
    order(shop, 1, NOON)
    first = saved(shop, "First", both(bought()))
    member = {"type": "profile-group-membership", "is_member": True, "groups": ["First"]}
    saved(shop, "Second", both(member))
    back = {"type": "profile-group-membership", "is_member": True, "groups": ["Second"]}
    with pytest.raises(Invalid, match="First → Second → First"):
        save_segment(
            account=shop,
            user=None,
            name="First",
            definition=resolve_names(shop, both(back)),
            at=NOON,
            segment=first,
        )
    with pytest.raises(Conflict, match="Second"):
        delete_segment(account=shop, segment=first, at=NOON)


def test_what_changes_while_a_build_runs_is_not_lost(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(shop, 1, NOON)
    while handle_changes(shop, NOON):
        pass
    segment = save_segment(
        account=shop,
        user=None,
        name="Buyers",
        definition=resolve_names(shop, both(bought())),
        at=NOON,
    )
    evaluated = Evaluation.mask

    def interrupted(self: Evaluation, node: Any) -> Any:
        monkeypatch.setattr(Evaluation, "mask", evaluated)
        mask = self.mask(node)
        order(shop, 5, NOON)
        assert handle_changes(shop, NOON) == 1
        return mask

    monkeypatch.setattr(Evaluation, "mask", interrupted)
    segment_built(segment)
    assert inside(segment) == {"1", "5"}


def test_an_edit_supersedes_an_unfinished_build(shop: Account) -> None:
    order(shop, 1, NOON)
    definition = resolve_names(shop, both(bought()))
    segment = save_segment(account=shop, user=None, name="B", definition=definition, at=NOON)
    stale = Build.objects.get(segment=segment, finished=None)
    other = resolve_names(shop, both(bought(least=2)))
    save_segment(account=shop, user=None, name="B", definition=other, at=NOON, segment=segment)
    run_build(stale.pk, NOON)
    segment.refresh_from_db()
    assert segment.status == SegmentStatus.BUILDING
    segment_built(segment)
    assert inside(segment) == set()


def test_a_build_whose_worker_died_is_taken_over(shop: Account) -> None:
    order(shop, 1, NOON)
    definition = resolve_names(shop, both(bought()))
    segment = save_segment(account=shop, user=None, name="B", definition=definition, at=NOON)
    build = Build.objects.get(segment=segment)
    Build.objects.update(heartbeat=NOON)
    assert builds_due(NOON + timedelta(seconds=59)) == []
    assert builds_due(NOON + timedelta(seconds=61)) == [build.pk]
    run_build(build.pk, NOON + timedelta(seconds=61))
    segment.refresh_from_db()
    assert segment.status == SegmentStatus.READY


def test_what_cannot_be_read_freezes_and_never_widens(shop: Account) -> None:
    order(shop, 1, NOON)
    segment = saved(shop, "Buyers", both(bought()))
    Metric.objects.all().delete()
    Segment.objects.update(version=2)
    build = Build.objects.create(
        account=shop, segment=segment, version=2, cause="definition", created=NOON
    )
    run_build(build.pk, NOON)
    segment.refresh_from_db()
    assert segment.status == SegmentStatus.FROZEN
    assert "metric" in segment.error
    assert inside(segment) == {"1"}


def test_merged_people_move_together(shop: Account) -> None:
    order(shop, 1, NOON)
    order(shop, 2, NOON - timedelta(hours=1))
    segment = saved(shop, "Twice", both(bought(least=2)))
    assert inside(segment) == set()
    keep, drop = (Profile.objects.get(external_id=f"p{i}").pk for i in "12")
    merge(account=shop, keep_id=keep, drop_id=drop, at=NOON)
    while handle_changes(shop, NOON):
        pass
    assert inside(segment) == {"1"}
    assert set(members(segment.pk).tolist()) == recomputed(segment, NOON)


def test_any_order_of_changes_ends_in_the_recomputed_set(shop: Account) -> None:
    random = np.random.default_rng(7)
    order(shop, 0, NOON)
    segments = [
        saved(shop, f"At least {n} in {d} days", both(bought(quantity=d, least=n)))
        for n in (1, 2, 3)
        for d in (1, 7, 60)
    ]
    at = NOON
    for _ in range(30):
        at += timedelta(hours=int(random.integers(1, 40)))
        for _ in range(int(random.integers(0, 4))):
            back = timedelta(hours=int(random.integers(0, 24 * 70)))
            order(shop, int(random.integers(0, 12)), at - back, at=at)
        follow(shop, at)
        for segment in segments:
            assert set(members(segment.pk).tolist()) == recomputed(segment, at), segment.name


def test_a_segment_that_fails_for_everyone_is_frozen_and_holds_nobody_up(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(shop, 0, NOON)
    buyers = saved(shop, "Buyers", both(bought()))
    member = {"type": "profile-group-membership", "is_member": True, "groups": ["Buyers"]}
    broken = saved(shop, "Broken", both(member))
    follow(shop, NOON)

    def fail(self: Any, people: Any, at: datetime) -> Any:
        raise ZeroDivisionError("this kind has a fault")

    monkeypatch.setattr("segments.definition.conditions.group.ProfileGroupMembership.mask", fail)
    for person in range(1, 10):
        order(shop, person, NOON)
    follow(shop, NOON)
    assert len(inside(buyers)) == 10
    broken.refresh_from_db()
    assert broken.status == SegmentStatus.FROZEN
    assert "this kind has a fault" in broken.error
    assert inside(broken) == {"0"}
    assert not ProfileChange.objects.filter(handled=None).exists()


def test_a_person_who_breaks_the_evaluation_is_set_aside_alone(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(shop, 0, NOON)
    buyers = saved(shop, "Buyers", both(bought()))
    follow(shop, NOON)
    poison = Profile.objects.get(external_id="p3").pk
    mask = ProfileMetric.mask

    def fail(self: ProfileMetric, people: Any, at: datetime) -> Any:
        if poison in people.ids:
            raise ValueError("what is this?")
        return mask(self, people, at)

    monkeypatch.setattr(ProfileMetric, "mask", fail)
    for person in range(1, 10):
        order(shop, person, NOON)
    at = NOON
    for _ in range(6):
        follow(shop, at)
        assert inside(buyers) == {str(i) for i in range(10) if i != 3}
        at += timedelta(hours=1)
    change = ProfileChange.objects.exclude(error="").get()
    assert (change.profile_id, change.tries) == (poison, 5)
    assert change.handled is not None
    assert "what is this?" in change.error


def test_who_changes_while_being_read_is_left_to_that_change(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(shop, 0, NOON)
    segment = saved(shop, "Once", both(bought(least=1), bought(least=1, quantity=7)))
    follow(shop, NOON)
    for person in (1, 2):
        order(shop, person, NOON)
    mask = Evaluation.mask

    def meanwhile(self: Evaluation, node: Any) -> Any:
        monkeypatch.setattr(Evaluation, "mask", mask)
        order(shop, 2, NOON - timedelta(hours=1))
        return self.mask(node)

    monkeypatch.setattr(Evaluation, "mask", meanwhile)
    assert handle_changes(shop, NOON) == 2
    assert inside(segment) == {"0", "1"}
    assert handle_changes(shop, NOON) == 1
    assert inside(segment) == {"0", "1", "2"}
