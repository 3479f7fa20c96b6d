"""Several at once, each with a connection of its own: nothing is lost, nothing is there twice."""

from __future__ import annotations

import random
from threading import Event, current_thread
from typing import Any, TypeVar

import pytest
from django.db import transaction

from profiles.ingest.merge import merge
from profiles.models import Cause, Profile, ProfileChange, ProfileMerge
from segmenter.accounts.models import Account
from segmenter.kernel.errors import ApplicationError
from segments.engine import build as building
from segments.engine import live, membership
from segments.engine.audit import audit
from segments.engine.build import run_build
from segments.engine.edges import advance
from segments.engine.editing import save_segment
from segments.engine.evaluate import Evaluation
from segments.engine.live import follow, handle_changes
from segments.engine.queries import resolve_names
from segments.models import Build, Membership, Segment, SegmentStatus
from tests.builders.definitions import both, in_group, never, once, times, when
from tests.builders.shops import at_once
from tests.live.judge import expect_right
from tests.live.race_shop import (
    NOON,
    WHO,
    nobody_else_builds,
    orders,
    segments_of_all_sorts,
    send,
    shop,
)
from tests.live.steps import (
    DAY,
    HOUR,
    did,
    events,
    new_account,
    people,
    segment,
    settle,
)

__all__ = ["nobody_else_builds", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)


T = TypeVar("T")


def work(account: Account, calls: int) -> int:
    return sum(handle_changes(account, NOON) for _ in range(calls))


def test_two_workers_on_the_same_people(shop: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BATCH", 7)
    segments_of_all_sorts(shop)
    at_once(
        lambda: send(shop, 1, 8),
        lambda: send(shop, 2, 8),
        lambda: work(shop, 40),
        lambda: work(shop, 40),
    )
    settle(shop, NOON)
    expect_right(shop, NOON)
    assert audit(shop, NOON).differences == 0


def test_facts_that_come_while_a_build_runs(shop: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "SHARD", 4)
    segments_of_all_sorts(shop)
    week = when("in-the-last", 7)
    definitions = [
        both(once("Bought", week), in_group("Others")),
        both(times("Bought", "greater-than", 1)),
        both(never("Bought", week)),
    ]

    def build(definition: Any, name: str) -> int:
        for n in range(3):
            saved = save_segment(
                account=shop,
                user=None,
                name=f"{name} {n}",
                definition=resolve_names(shop, definition),
                at=NOON,
            )
            run_build(Build.objects.get(segment=saved, finished=None).pk, NOON)
        return 0

    at_once(
        lambda: send(shop, 3, 12),
        lambda: work(shop, 40),
        *(
            lambda definition=definition, n=n: build(definition, f"New {n}")
            for n, definition in enumerate(definitions)
        ),
    )
    settle(shop, NOON)
    expect_right(shop, NOON)
    assert audit(shop, NOON).differences == 0


def test_a_fact_that_commits_after_a_build_began_is_in_it(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written before the build looked, seen only after: neither of the two may pass it over."""
    segments_of_all_sorts(shop)
    saved = save_segment(
        account=shop,
        user=None,
        name="New",
        definition=resolve_names(shop, both(once("Bought"))),
        at=NOON,
    )
    settled, has_written, has_read = Event(), Event(), Event()
    mask = Evaluation.mask

    def slow(evaluation: Evaluation, node: Any) -> Any:
        answer = mask(evaluation, node)
        if current_thread().name == "builder":
            has_read.set()
            assert settled.wait(timeout=30)
        return answer

    monkeypatch.setattr(Evaluation, "mask", slow)

    def ingest() -> None:
        with transaction.atomic():
            events(shop, NOON, did("Bought", "p3", NOON - HOUR))
            has_written.set()
            assert has_read.wait(timeout=30)
        while handle_changes(shop, NOON):
            pass
        settled.set()

    def build() -> None:
        current_thread().name = "builder"
        assert has_written.wait(timeout=30)
        run_build(Build.objects.get(segment=saved, finished=None).pk, NOON)

    at_once(ingest, build)
    inside = Membership.objects.filter(segment=saved).values_list("profile_id", flat=True)
    assert list(inside) == [Profile.objects.get(external_id="p3").pk]
    settle(shop, NOON)
    expect_right(shop, NOON)


def test_a_fact_that_is_followed_while_a_build_ends_is_in_it(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored after the build's last look, handled before its commit: one of the two must see it."""
    segments_of_all_sorts(shop)
    settle(shop, NOON)
    saved = save_segment(
        account=shop,
        user=None,
        name="New",
        definition=resolve_names(shop, both(once("Bought"))),
        at=NOON,
    )
    has_read, followed = Event(), Event()
    difference = membership.difference

    def late(*arguments: Any) -> Any:
        has_read.set()
        followed.wait(timeout=2)  # the follower may wait for the build instead
        return difference(*arguments)

    monkeypatch.setattr(building, "difference", late)

    def ingest() -> None:
        assert has_read.wait(timeout=30)
        events(shop, NOON, did("Bought", "p3", NOON - HOUR))
        while handle_changes(shop, NOON):
            pass
        followed.set()

    def build() -> None:
        run_build(Build.objects.get(segment=saved, finished=None).pk, NOON)

    at_once(ingest, build)
    settle(shop, NOON)
    expect_right(shop, NOON)


def test_definitions_change_while_facts_come(shop: Account) -> None:
    segments_of_all_sorts(shop)
    week = when("in-the-last", 7)
    choices = [both(once("Bought", week)), both(never("Bought", week)), both(once("Bought"))]
    resolved = [resolve_names(shop, choice) for choice in choices]
    buyers = Segment.objects.get(account=shop, name="Buyers")

    def edit(builds: bool) -> int:
        for n in range(12):
            save_segment(
                account=shop,
                user=None,
                name="Buyers",
                definition=resolved[n % 3],
                at=NOON,
                segment=buyers,
            )
            for build in Build.objects.filter(segment=buyers, finished=None) if builds else ():
                run_build(build.pk, NOON)
        return 0

    at_once(
        lambda: send(shop, 5, 10),
        lambda: work(shop, 40),
        lambda: edit(True),
        lambda: edit(False),
    )
    Build.objects.filter(account=shop, finished=None).update(heartbeat=None)
    settle(shop, NOON)
    expect_right(shop, NOON)
    numbers = [version.number for version in buyers.versions.order_by("number")]
    buyers.refresh_from_db()
    assert numbers == list(range(1, buyers.version + 1))
    assert buyers.status == SegmentStatus.READY


def test_people_become_one_while_facts_come(shop: Account) -> None:
    segments_of_all_sorts(shop)
    ids = list(Profile.objects.filter(account=shop).order_by("pk").values_list("pk", flat=True))

    def join(seed: int) -> int:
        dice, done = random.Random(seed), 0
        for _ in range(8):
            keep, drop = dice.sample(ids, 2)
            try:
                merge(account=shop, keep_id=keep, drop_id=drop, at=NOON)
                done += 1
            except ApplicationError:
                pass  # they are one by now
        return done

    at_once(
        lambda: send(shop, 7, 8),
        lambda: work(shop, 40),
        lambda: work(shop, 40),
        lambda: join(1),
        lambda: join(2),
    )
    assert ProfileMerge.objects.filter(account=shop).count() >= 8
    settle(shop, NOON)
    expect_right(shop, NOON)


def test_two_workers_move_the_clock(shop: Account) -> None:
    segments_of_all_sorts(shop)
    send(shop, 9, 6)
    settle(shop, NOON)
    until = NOON + 5 * DAY
    counts = at_once(*[lambda: advance(shop, until)] * 3)
    changes = ProfileChange.objects.filter(account=shop, handled=None)
    assert sum(counts) == changes.filter(cause=Cause.TIME).count() > 0
    crossings = list(changes.values_list("profile_id", "at"))
    assert len(crossings) == len(set(crossings)), "somebody crossed an edge twice"
    settle(shop, until)
    expect_right(shop, until)
    at_once(*[lambda: follow(shop, until + 4 * DAY + HOUR)] * 3)
    expect_right(shop, until + 4 * DAY + HOUR)
    assert audit(shop, until + 4 * DAY + HOUR).differences == 0


def test_the_clock_moves_while_facts_come_and_segments_are_built(shop: Account) -> None:
    segments_of_all_sorts(shop)
    end = NOON + 3 * DAY

    def hours() -> int:
        for n in range(24):
            follow(shop, NOON + n * 3 * HOUR)
        return 0

    def later() -> int:
        for n in range(12):
            at = NOON + n * 6 * HOUR
            events(shop, at, *orders(n, at=at))
        return 0

    def build() -> int:
        for n in range(4):
            saved = save_segment(
                account=shop,
                user=None,
                name=f"New {n}",
                definition=resolve_names(shop, both(never("Bought", when("in-the-last", n)))),
                at=NOON + n * HOUR,
            )
            run_build(Build.objects.get(segment=saved, finished=None).pk, NOON + n * HOUR)
        return 0

    at_once(hours, later, build)
    settle(shop, end)
    expect_right(shop, end, one_clock=False)
    assert audit(shop, end).differences == 0


def test_any_order_of_the_same_events_makes_the_same_members() -> None:
    dice = random.Random(20)
    facts = [*orders(31, 40), *orders(32, 40)]
    facts += [did("Viewed", event["profile"]["external_id"], event["time"]) for event in facts[::3]]
    facts += dice.sample(facts, 20)  # sent again
    outcomes = []
    for round_ in range(4):
        account = new_account("Europe/Stockholm", NOON, slug=f"shop-{round_}")
        people(account, NOON, *({"external_id": who} for who in WHO))
        segments_of_all_sorts(account)
        funnel = {
            "type": "profile-metric-funnel",
            "timeframe_filter": {"type": "date", "operator": "alltime"},
            "completion_window_seconds": "DAYS_3",
            "steps": [
                {"metric_exists": True, "metric": "Viewed"},
                {"metric_exists": True, "metric": "Bought"},
            ],
        }
        segment(account, NOON, "Came back", funnel)
        dice.shuffle(facts)
        while_ = list(facts)
        while while_:
            some = [while_.pop() for _ in range(min(len(while_), dice.randint(1, 30)))]
            events(account, NOON, *some)
            if dice.random() < 0.5:
                handle_changes(account, NOON)
        settle(account, NOON)
        expect_right(account, NOON)
        rows = Membership.objects.filter(account=account)
        outcomes.append(set(rows.values_list("segment__name", "profile__external_id")))
    assert outcomes[0] == outcomes[1] == outcomes[2] == outcomes[3]
    assert len(outcomes[0]) > 40
