"""Workers that are killed or lose the database, and changes that fail: others finish their work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from types import ModuleType
from typing import Any

import pytest
from django.db import OperationalError, connection

from profiles.models import Profile, ProfileChange
from segmenter.accounts.models import Account
from segments.definition.conditions.metric import ProfileMetric
from segments.engine import batch, live
from segments.engine import build as building
from segments.engine.audit import audit
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.engine.evaluate import Evaluation
from segments.engine.live import follow, handle_changes
from segments.engine.queries import resolve_names
from segments.models import Build, Membership, MembershipChange, Segment
from tests.builders.definitions import both, once, when
from tests.builders.shops import at_once
from tests.live.judge import expect_right
from tests.live.race_shop import NOON, WHO, nobody_else_builds, segments_of_all_sorts, send, shop
from tests.live.steps import (
    DAY,
    HOUR,
    MINUTE,
    did,
    events,
    run_builds,
    settle,
)

__all__ = ["nobody_else_builds", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_that_is_killed_gives_its_changes_back(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments_of_all_sorts(shop)
    settle(shop, NOON)
    before = set(Membership.objects.values_list("segment_id", "profile_id"))
    rows = MembershipChange.objects.count()
    send(shop, 41, 3)
    backlog = ProfileChange.objects.filter(handled=None).count()
    working, killed = Event(), Event()
    pids: list[int] = []
    mask = Evaluation.mask

    def slow(evaluation: Evaluation, node: Any) -> Any:
        answer = mask(evaluation, node)
        if not pids:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            working.set()
            assert killed.wait(timeout=30)
        return answer

    monkeypatch.setattr(Evaluation, "mask", slow)

    def worker() -> None:
        with pytest.raises(OperationalError):
            handle_changes(shop, NOON)

    def killer() -> None:
        assert working.wait(timeout=30)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pids[0]])
            assert cursor.fetchone() == (True,)
        killed.set()

    at_once(worker, killer)
    released = ProfileChange.objects.filter(handled=None, tries=0, error="")
    assert released.count() == backlog
    assert set(Membership.objects.values_list("segment_id", "profile_id")) == before
    assert MembershipChange.objects.count() == rows
    settle(shop, NOON)
    expect_right(shop, NOON)


def lose_connection() -> None:
    """Have this thread's connection ended from outside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(end).result()


@pytest.mark.parametrize(
    ("module", "name"), [(live, "_claim"), (batch, "some"), (batch, "member_cache_of")]
)
def test_a_database_that_goes_away_is_no_change_s_fault(
    module: ModuleType, name: str, shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments_of_all_sorts(shop)
    settle(shop, NOON)
    send(shop, 47, 3)
    backlog = ProfileChange.objects.filter(handled=None).count()
    real = getattr(module, name)

    def dying(*args: Any, **kwargs: Any) -> Any:
        lose_connection()
        return real(*args, **kwargs)

    def worker() -> None:
        with pytest.raises(OperationalError):
            handle_changes(shop, NOON)

    with monkeypatch.context() as patched:
        patched.setattr(module, name, dying)
        at_once(worker)
    assert ProfileChange.objects.filter(handled=None, tries=0, error="").count() == backlog
    settle(shop, NOON)
    expect_right(shop, NOON)


def test_a_build_whose_connection_is_killed_is_taken_over(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "SHARD", 8)
    send(shop, 43, 3)
    saved = save_segment(
        account=shop,
        user=None,
        name="New",
        definition=resolve_names(shop, both(once("Bought", when("in-the-last", 7)))),
        at=NOON,
    )
    build = Build.objects.get(segment=saved)
    looks = 0
    mask = Evaluation.mask

    def killing(evaluation: Evaluation, node: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks == 8:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return mask(evaluation, node)

    monkeypatch.setattr(Evaluation, "mask", killing)

    def worker() -> None:
        with pytest.raises(OperationalError):
            run_build(build.pk, NOON)

    at_once(worker)
    build.refresh_from_db()
    assert build.finished is None
    assert not Membership.objects.filter(segment=saved).exists()
    events(shop, NOON, did("Bought", "p0", NOON), did("Bought", "p29", NOON))
    run_build(build.pk, NOON + 30 * timedelta(seconds=1))
    build.refresh_from_db()
    assert build.finished is None, "taken from a worker that might be alive"
    run_build(build.pk, NOON + 2 * MINUTE)
    settle(shop, NOON + 2 * MINUTE)
    expect_right(shop, NOON + 2 * MINUTE)


@pytest.fixture
def poison(shop: Account, monkeypatch: pytest.MonkeyPatch) -> int:
    """The id of a person about whom no metric can be evaluated, unless with everyone."""
    segments_of_all_sorts(shop)
    settle(shop, NOON)
    sick: int = Profile.objects.get(account=shop, external_id="p4").pk
    mask = ProfileMetric.mask

    def spoilt(condition: ProfileMetric, population: Any, at: datetime) -> Any:
        if sick in population.ids:
            raise ArithmeticError("a value that nobody had thought of")
        return mask(condition, population, at)

    monkeypatch.setattr(ProfileMetric, "mask", spoilt)
    return sick


def test_a_poison_person_holds_nobody_up_and_is_set_aside(
    shop: Account, poison: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    events(shop, NOON, *(did("Bought", who, NOON - HOUR) for who in WHO))
    follow(shop, NOON)
    change = ProfileChange.objects.get(account=shop, handled=None)
    assert (change.profile_id, change.tries) == (poison, 1)
    assert "a value that nobody had thought of" in change.error
    buyers = Segment.objects.get(account=shop, name="Buyers")
    assert buyers.size == len(WHO) - 1
    pauses, at = [], NOON
    while change.handled is None:
        assert change.retry_at is not None
        pauses.append(change.retry_at - at)
        assert follow(shop, change.retry_at - timedelta(seconds=1)) == 0, "before its time"
        at = change.retry_at
        events(shop, at, did("Bought", "p7", at - MINUTE))
        follow(shop, at)
        change.refresh_from_db()
    assert change.tries == 5
    assert "ArithmeticError" in change.error
    assert pauses == sorted(pauses)
    assert len(set(pauses)) == len(pauses) == 4
    assert not ProfileChange.objects.filter(account=shop, handled=None).exists()
    monkeypatch.undo()
    assert audit(shop, at).differences > 0, "what was set aside is missing"
    expect_right(shop, at)
    assert audit(shop, at).differences == 0


def test_a_poison_person_heals_in_time(
    shop: Account, poison: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    events(shop, NOON, *(did("Bought", who, NOON - HOUR) for who in WHO[:8]))
    follow(shop, NOON)
    monkeypatch.undo()
    follow(shop, NOON + HOUR)
    assert not ProfileChange.objects.filter(account=shop, handled=None).exists()
    run_builds(shop, NOON + HOUR)
    settle(shop, NOON + HOUR)
    expect_right(shop, NOON + HOUR)


def test_a_poison_person_does_not_stop_the_clock(shop: Account, poison: int) -> None:
    healthy = Profile.objects.get(account=shop, external_id="p5").pk
    events(shop, NOON, did("Bought", "p4", NOON - HOUR), did("Bought", "p5", NOON - HOUR))
    follow(shop, NOON)
    buyers = Segment.objects.get(account=shop, name="Buyers")
    assert Membership.objects.filter(segment=buyers, profile_id=healthy).exists()
    follow(shop, NOON + 9 * DAY)
    assert not Membership.objects.filter(segment=buyers, profile_id=healthy).exists()
