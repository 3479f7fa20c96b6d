"""What keeps membership right besides the live path: builds that resume, audits, the zone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from profiles.columns.gather import all_of
from profiles.ingest.erase import erase
from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Event, Profile, ProfileChange
from segmenter.accounts.models import Account
from segments.definition.codec import decode
from segments.engine import build as building
from segments.engine.audit import audit, audits_due
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.engine.evaluate import Evaluation
from segments.engine.live import follow
from segments.engine.membership import members
from segments.engine.queries import resolve_names
from segments.models import Audit, Build, BuildPart, Membership, MembershipChange, SegmentStatus
from tests.builders.definitions import both
from tests.segments.engine.test_live import NOON, bought, inside, order, saved, segment_built, shop

__all__ = ["shop"]

pytestmark = pytest.mark.django_db


def test_a_build_goes_on_where_its_worker_died(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "SHARD", 4)
    for person in range(10):
        order(shop, person, NOON)
    follow(shop, NOON)
    definition = resolve_names(shop, both(bought()))
    segment = save_segment(account=shop, user=None, name="B", definition=definition, at=NOON)
    build = Build.objects.get(segment=segment)
    looked_at: list[int] = []
    keep = building._save_part

    def dying(build: Build, ids: Any, *rest: Any) -> None:
        looked_at.append(len(ids))
        if len(looked_at) == 3:
            raise SystemExit("killed")
        keep(build, ids, *rest)

    monkeypatch.setattr(building, "_save_part", dying)
    with pytest.raises(SystemExit):
        run_build(build.pk, NOON)
    build.refresh_from_db()
    assert (build.people_done, BuildPart.objects.count(), inside(segment)) == (8, 2, set())
    # Meanwhile one who was looked at is erased, another one did it again, a new one came.
    erase(account=shop, profile_id=Profile.objects.get(external_id="p1").pk, at=NOON)
    order(shop, 11, NOON)
    run_build(build.pk, NOON + timedelta(seconds=61))
    assert looked_at == [4, 4, 2, 3], "what was done is not done again"
    assert inside(segment) == {*map(str, range(10)), "11"} - {"1"}
    assert not BuildPart.objects.exists()
    segment.refresh_from_db()
    assert (segment.status, segment.size) == (SegmentStatus.READY, 10)


def test_time_goes_on_while_a_build_runs(shop: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    order(shop, 1, NOON - timedelta(days=29))
    follow(shop, NOON)
    definition = resolve_names(shop, both(bought(quantity=30)))
    segment = save_segment(account=shop, user=None, name="B", definition=definition, at=NOON)
    build = Build.objects.get(segment=segment)
    run_parts = building._remaining_people

    def slow(build: Build) -> Any:
        yield from run_parts(build)
        follow(shop, NOON + timedelta(days=3))

    monkeypatch.setattr(building, "_remaining_people", slow)
    run_build(build.pk, NOON)
    assert inside(segment) == set()


@pytest.mark.parametrize(("announces", "cause"), [(True, "segment"), (False, "definition")])
def test_who_refers_to_a_segment_follows_its_build(
    shop: Account, announces: bool, cause: str
) -> None:
    order(shop, 1, NOON)
    order(shop, 2, NOON - timedelta(days=10))
    buyers = saved(shop, "Buyers", both(bought(quantity=5)))
    member = {"type": "profile-group-membership", "is_member": True, "groups": ["Buyers"]}
    same = saved(shop, "Same", both(member))
    follow(shop, NOON)
    assert inside(same) == {"1"}
    wider = resolve_names(shop, both(bought(quantity=20)))
    save_segment(
        account=shop,
        user=None,
        name="Buyers",
        definition=wider,
        at=NOON,
        segment=buyers,
        announces=announces,
    )
    segment_built(buyers)
    follow(shop, NOON)
    assert inside(same) == {"1", "2"}
    assert MembershipChange.objects.latest("pk").cause == cause


def test_an_audit_finds_nothing_where_all_is_right(shop: Account) -> None:
    order(shop, 1, NOON)
    saved(shop, "Buyers", both(bought()))
    assert audits_due(NOON) == [shop.pk]
    run = audit(shop, NOON)
    assert (run.differences, run.segments, run.people, run.error) == (0, 1, 10, "")
    assert run.finished == NOON
    assert audits_due(NOON + timedelta(hours=23)) == []
    assert audits_due(NOON + timedelta(hours=24)) == [shop.pk]


def test_an_audit_tells_and_repairs_what_is_wrong(shop: Account) -> None:
    for person in (1, 2):
        order(shop, person, NOON)
    segment = saved(shop, "Buyers", both(bought()))
    follow(shop, NOON)
    missing, extra = (Profile.objects.get(external_id=f"p{i}").pk for i in "15")
    Membership.objects.filter(profile_id=missing).delete()
    Membership.objects.create(account=shop, segment=segment, profile_id=extra, entered=NOON)
    order(shop, 7, NOON)
    run = audit(shop, NOON)
    assert run.differences == 2
    assert run.details == [
        {
            "segment": segment.key,
            "name": "Buyers",
            "entered": 1,
            "left": 1,
            "people": [missing, extra],
        }
    ]
    assert inside(segment) == {"1", "2", "7"}
    assert MembershipChange.objects.filter(cause="repair").count() == 2
    assert audit(shop, NOON).differences == 0


def test_an_audit_whose_worker_died_is_closed_by_the_next(shop: Account) -> None:
    saved(shop, "Buyers", both({"type": "profile-sample", "percentage": 50, "seed": 1}))
    dead = Audit.objects.create(account=shop, started=NOON, heartbeat=NOON)
    audit(shop, NOON + timedelta(days=1))
    dead.refresh_from_db()
    assert dead.finished is not None
    assert dead.error == "The worker stopped."


def test_another_zone_builds_the_segments_with_dates_anew(shop: Account) -> None:
    order(shop, 1, NOON - timedelta(hours=2))  # today in UTC, yesterday in Auckland
    today = saved(shop, "Today", both(bought(quantity=0)))
    sample = saved(shop, "Half", both({"type": "profile-sample", "percentage": 50, "seed": 1}))
    follow(shop, NOON)
    assert inside(today) == {"1"}
    shop.time_zone = "Pacific/Auckland"
    shop.save()
    follow(shop, NOON)
    today.refresh_from_db()
    sample.refresh_from_db()
    assert today.status == SegmentStatus.BUILDING
    assert sample.status == SegmentStatus.READY
    segment_built(today)
    people = all_of(shop)
    expected = people.ids[Evaluation(people, NOON).mask(decode(today.definition))]
    assert members(today.pk).tolist() == expected.tolist()
    assert inside(today) == set()


def test_erasing_someone_takes_them_out_everywhere(shop: Account) -> None:
    person: dict[str, Any] = {
        "external_id": "x",
        "email": "x@example.org",
        "lists": [{"name": "News"}],
    }
    person["subscriptions"] = {"email": {"marketing": {"consent": "SUBSCRIBED"}}}
    ingest_profiles(account=shop, records=[person], at=NOON)
    event = {"metric": "Placed Order", "time": NOON, "profile": {"external_id": "x"}}
    ingest_events(account=shop, records=[event], at=NOON, times=FILE_TIMES)
    segment = saved(shop, "Buyers", both(bought()))
    follow(shop, NOON)
    assert inside(segment) == {"x"}
    leaver = Profile.objects.get(external_id="x").pk
    erase(account=shop, profile_id=leaver, at=NOON)
    follow(shop, NOON)
    assert members(segment.pk).tolist() == []
    segment.refresh_from_db()
    assert segment.size == 0
    assert MembershipChange.objects.latest("pk").cause == "erase"
    assert not Event.objects.filter(profile_id=leaver).exists()


def test_an_event_to_come_counts_when_its_time_comes(shop: Account) -> None:
    tomorrow = NOON + timedelta(days=1)
    segment = saved(shop, "Active", both(_active()))
    order(shop, 1, tomorrow)
    buyers = saved(shop, "Buyers", both(bought()))
    follow(shop, NOON)
    assert (inside(segment), inside(buyers)) == (set(), set())
    follow(shop, tomorrow - timedelta(minutes=1))
    assert (inside(segment), inside(buyers)) == (set(), set())
    follow(shop, tomorrow)
    assert (inside(segment), inside(buyers)) == ({"1"}, {"1"})
    person = Profile.objects.get(external_id="p1")
    assert (person.first_active, person.last_active) == (tomorrow, tomorrow)
    assert not ProfileChange.objects.filter(handled=None).exists()


def _active() -> dict[str, Any]:
    test = {"type": "existence", "operator": "is-set"}
    return {"type": "profile-property", "property": "last_active", "filter": test}


def test_a_build_that_fails_freezes_its_segment_with_the_reason(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(shop, 1, NOON)
    segment = saved(shop, "Buyers", both(bought()))
    wider = resolve_names(shop, both(bought(quantity=90)))
    save_segment(account=shop, user=None, name="Buyers", definition=wider, at=NOON, segment=segment)

    def fail(self: Evaluation, node: Any) -> Any:
        raise ZeroDivisionError("what a value")

    monkeypatch.setattr(Evaluation, "mask", fail)
    segment_built(segment)
    assert (segment.status, segment.error) == (
        SegmentStatus.FROZEN,
        "ZeroDivisionError: what a value",
    )
    assert inside(segment) == {"1"}
    assert not Build.objects.filter(finished=None).exists()
