"""Several at once, each with a connection of its own: nothing is lost, nothing is there twice."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, current_thread
from types import ModuleType
from typing import Any, TypeVar

import pytest
from django.db import OperationalError, connection, transaction

from profiles.ingest.merge import merge
from profiles.models import Cause, Profile, ProfileChange, ProfileMerge
from segmenter.accounts.models import Account
from segmenter.kernel.errors import ApplicationError
from segments.definition.conditions.metric import ProfileMetric
from segments.engine import batch, build_queue, live, membership
from segments.engine import build as building
from segments.engine.audit import audit
from segments.engine.build import run_build
from segments.engine.edges import advance
from segments.engine.editing import save_segment
from segments.engine.evaluate import Evaluation
from segments.engine.live import follow, handle_changes
from segments.engine.queries import resolve_names
from segments.models import Build, Membership, MembershipChange, Segment, SegmentStatus
from tests.builders.definitions import about, both, in_group, never, number, once, times, when
from tests.builders.shops import at_once
from tests.live.judge import expect_right
from tests.live.steps import (
    DAY,
    HOUR,
    MINUTE,
    did,
    events,
    new_account,
    people,
    run_builds,
    segment,
    settle,
)

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
WHO = [f"p{n}" for n in range(30)]
T = TypeVar("T")


@pytest.fixture(autouse=True)
def nobody_else_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_queue.new_build, "subscribers", [])


@pytest.fixture
def shop() -> Account:
    account = new_account("Europe/Stockholm", NOON)
    people(
        account,
        NOON,
        *({"external_id": who, "properties": {"size": n}} for n, who in enumerate(WHO)),
    )
    return account


def segments_of_all_sorts(account: Account) -> None:
    week = when("in-the-last", 7)
    segment(account, NOON, "Buyers", once("Bought", week))
    segment(account, NOON, "Twice", times("Bought", "greater-than", 1, week))
    segment(account, NOON, "Not yet", never("Bought"))
    large = about("properties['size']", number("greater-than", 14))
    segment(account, NOON, "Large buyers", in_group("Buyers"), large)
    segment(account, NOON, "Others", in_group("Large buyers", inside=False))


def orders(seed: int, count: int = 20, at: datetime = NOON) -> list[dict[str, Any]]:
    dice = random.Random(seed)
    return [
        did("Bought", dice.choice(WHO), at - timedelta(minutes=dice.randrange(60 * 24 * 12)))
        for _ in range(count)
    ]


def send(account: Account, seed: int, batches: int) -> int:
    for n in range(batches):
        events(account, NOON, *orders(seed * 1_000 + n))
    return 0


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
        followed.wait(timeout=2)  # whoever follows may rightly wait for the build instead
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
