"""Clocks that are wrong, jump and are put right: within a minute of a true clock all is right.

The database's time is moved here by hand (`Present`); what `now` makes of it is in `test_clock`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from profiles import changes
from profiles.columns import gather
from profiles.columns.mirror import upkeep
from profiles.imports import jobs
from profiles.ingest.store import ingest_events
from profiles.models import (
    Cause,
    Event,
    ImportJob,
    ImportStatus,
    Profile,
    ProfileChange,
)
from segmenter.accounts.models import Account
from segmenter.accounts.status import status_of
from segments.engine import build_queue, edges
from segments.engine.audit import audit
from segments.engine.build import run_build
from segments.engine.build_queue import builds_due
from segments.engine.dependencies import plan_of
from segments.engine.editing import save_segment
from segments.engine.evaluate import Evaluation
from segments.engine.live import accounts_due, follow
from segments.engine.queries import resolve_names
from segments.engine.rewind import is_ahead, rewind
from segments.engine.watermark import watermark
from segments.models import (
    AccountClock,
    Build,
    Delivery,
    Membership,
    MembershipChange,
    Segment,
    SegmentStatus,
    Webhook,
)
from segments.webhooks.deliveries import fail_expired
from tests.builders.definitions import ALL_TIME, about, both, in_group, never, once, when
from tests.draws import portion
from tests.live.judge import expect_right
from tests.live.steps import DAY, HOUR, MINUTE, did, events, new_account, people, run_builds

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
JUMPS = [
    pytest.param(jump, id=name)
    for name, jump in {
        "6 h ahead": 6 * HOUR,
        "40 s ahead": 40 * SECOND,
        "3 h back": -3 * HOUR,
        "400 days ahead": 400 * DAY,
        "back to the year 2000": datetime(2000, 1, 1, tzinfo=UTC) - START,
        "back to 1970": datetime(1970, 1, 1, tzinfo=UTC) - START,
    }.items()
]


class Present:
    """The database's time: stands still until it is moved or jumps."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Shop:
    """An account with windows of many kinds, whose people buy all the time."""

    def __init__(self, at: datetime = START) -> None:
        self.present = Present(at)
        self.account = new_account("Europe/Stockholm", at)
        self.count = 0
        people(self.account, at, *({"external_id": f"p{n}"} for n in range(21)))
        self.bought("p0")
        for name, definition in SEGMENTS.items():
            save_segment(
                account=self.account,
                user=None,
                name=name,
                definition=resolve_names(self.account, definition),
                at=at,
            )
        self.work()

    @property
    def at(self) -> datetime:
        return self.present.at

    def bought(self, *who: str, after: timedelta = timedelta()) -> None:
        for each in who:
            self.count += 1
            record = did("Bought", each, self.at + after, unique_id=str(self.count))
            events(self.account, self.at, record)

    def work(self) -> None:
        """What beat and workers do within a minute."""
        for _sweep in range(3):
            if self.account.pk in accounts_due(self.at):
                follow(Account.objects.get(pk=self.account.pk), self.at, clock=self.present)
            for build_id in Build.objects.filter(finished=None).values_list("pk", flat=True):
                run_build(build_id, self.at, clock=self.present)

    @transaction.atomic
    def build_again(self) -> None:
        build_queue.rebuild(plan_of(self.account.pk), cause=Cause.DEFINITION, at=self.at)

    def pass_time(self, by: timedelta) -> None:
        self.present.at += by
        self.work()

    def expect_right(self) -> None:
        """Held to the oracle, and so is what the audit and the watermark say."""
        assert not Build.objects.filter(finished=None).exists()
        expect_right(self.account, self.at)
        mark = watermark(self.account, self.at)
        assert not mark.ahead
        assert not mark.is_late
        assert audit(self.account, self.at, clock=self.present).differences == 0

    def members(self, name: str) -> set[str]:
        rows = Membership.objects.filter(account=self.account, segment__name=name)
        return {str(row.profile.external_id) for row in rows.select_related("profile")}


SEGMENTS = {
    "Last hour": both(once("Bought", when("in-the-last", 1, unit="hour"))),
    "Not for a day": both(never("Bought", when("in-the-last", 1, unit="day"))),
    "Ever": both(once("Bought", ALL_TIME)),
    "Active lately": both(about("last_active", when("in-the-last", 2, unit="hour"))),
    "New": both(about("created", when("in-the-last", 2, unit="day"))),
    "Long a buyer": both(
        in_group("Letter", inside=False), once("Bought", when("at-least", 2, unit="hour"))
    ),
}


@pytest.fixture(autouse=True)
def nobody_else_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_queue.new_build, "subscribers", [])
    monkeypatch.setattr(edges, "MOST_MIDNIGHTS", 4)  # a catch-up of 400 days takes its time
    monkeypatch.setattr(edges, "MOST_MINUTES", 10)


@pytest.fixture(params=["rows", "mirror"])
def columns(request: Any, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    settings.SEGMENTER_MIRROR = tmp_path
    monkeypatch.setattr(gather, "FEW", 2)
    return str(request.param)


@pytest.mark.parametrize("jump", portion(JUMPS, 3))
def test_a_clock_that_jumps_and_is_put_right_leaves_membership_right(
    jump: timedelta, columns: str
) -> None:
    shop = Shop()
    if columns == "mirror":
        upkeep.build(shop.account, shop.at)
    for _minute in range(3):
        shop.pass_time(MINUTE)
        shop.bought("p1", "p2")
    shop.present.at += jump
    for _minute in range(2):
        shop.work()
        shop.bought("p3", "p4")
        shop.pass_time(MINUTE)
    shop.expect_right()  # as of the time that everybody believes in
    shop.present.at -= jump
    shop.bought(*(f"p{n}" for n in range(5, 15)))
    shop.work()
    shop.expect_right()
    assert shop.members("Last hour") >= {"p0", "p1", "p2", *(f"p{n}" for n in range(5, 15))}
    for stride in (MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 400 * DAY):
        shop.pass_time(stride)
        shop.bought("p16")
        shop.work()
        shop.expect_right()


def test_before_it_is_put_right_nobody_says_that_all_is_well() -> None:
    shop = Shop()
    shop.present.at += 6 * HOUR
    shop.work()
    shop.present.at -= 6 * HOUR
    mark = watermark(shop.account, shop.at)
    assert mark.ahead == 6 * HOUR
    assert mark.is_late
    assert mark.time == shop.at - 6 * HOUR
    assert shop.account.pk in accounts_due(shop.at)
    assert _troubles(shop) == ["The clock went back: segments are being put right."]

    rewind(shop.account, shop.present)
    mark = watermark(shop.account, shop.at)
    assert not mark.ahead
    assert mark.is_late
    assert mark.time == shop.at - 6 * HOUR
    (told,) = _troubles(shop)
    assert told == "The clock went back by 6\xa0hours: segments are being put right."

    shop.work()
    assert not watermark(shop.account, shop.at).is_late
    (told,) = _troubles(shop)
    assert told == "The clock went back by 6\xa0hours. Segments have been put right."
    shop.pass_time(DAY + MINUTE)
    assert _troubles(shop) == []


def _troubles(shop: Shop) -> list[str]:
    troubles = status_of(shop.account, shop.at).troubles
    return [trouble.what for trouble in troubles if "clock" in trouble.what]


def test_a_minute_of_downtime_or_a_night_of_it_is_no_jump() -> None:
    shop = Shop()
    for stride in (MINUTE, 9 * HOUR, 400 * DAY):
        shop.present.at += stride
        shop.bought("p1")
        shop.work()
        shop.expect_right()
    clock = AccountClock.objects.get()
    assert clock.went_back_at is None


def test_an_event_honestly_dated_ahead_counts_at_its_time_and_is_no_damage() -> None:
    shop = Shop()
    shop.bought("p7", after=2 * DAY)
    shop.bought("p8", after=300 * DAY)
    shop.work()
    assert not is_ahead(shop.account.pk, shop.at)
    assert shop.members("Ever") == {"p0"}
    shop.present.at += 3 * DAY
    shop.work()
    assert shop.members("Ever") == {"p0", "p7"}  # whose time seemed to come
    shop.present.at -= 3 * DAY
    shop.work()
    shop.expect_right()
    assert shop.members("Ever") == {"p0"}
    assert Profile.objects.get(external_id="p7").last_active is None
    shop.pass_time(2 * DAY)
    shop.expect_right()
    assert shop.members("Ever") == {"p0", "p7"}
    shop.pass_time(298 * DAY)
    assert shop.members("Ever") == {"p0", "p7", "p8"}


def test_one_worker_whose_time_is_wrong_changes_nothing() -> None:
    shop = Shop()
    follow(shop.account, shop.at + 6 * HOUR, clock=shop.present)
    assert AccountClock.objects.get().until == shop.at
    shop.expect_right()
    shop.build_again()
    for build in Build.objects.filter(finished=None):
        run_build(build.pk, shop.at + 400 * DAY, clock=shop.present)
    shop.expect_right()
    assert audit(shop.account, shop.at + 6 * HOUR, clock=shop.present).differences == 0


def test_a_catch_up_towards_a_wrong_time_ends_where_the_clock_is() -> None:
    shop = Shop()
    shop.bought("p1")
    asked = []

    def goes_back() -> datetime:
        asked.append(1)
        return START + 300 * DAY if len(asked) < 3 else START

    steps = edges.clock_stops(shop.account, START + 300 * DAY, present=goes_back)
    assert max(steps, default=START) < START + 300 * DAY


def test_an_event_stored_by_a_process_that_still_believed_the_clock_is_put_right() -> None:
    shop = Shop()
    records = [did("Bought", "p3", shop.at + 6 * HOUR)]
    ingest_events(account=shop.account, records=records, at=shop.at + 6 * HOUR)
    shop.work()
    shop.expect_right()
    assert shop.members("Ever") == {"p0"}
    shop.pass_time(6 * HOUR)
    shop.expect_right()
    assert shop.members("Ever") == {"p0", "p3"}


def test_a_build_during_which_the_clock_goes_back_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = Shop()
    shop.present.at += 6 * HOUR
    shop.bought("p1")
    shop.build_again()
    answer = Evaluation.mask

    def mask(evaluation: Evaluation, node: Any) -> Any:
        shop.present.at = START
        return answer(evaluation, node)

    monkeypatch.setattr(Evaluation, "mask", mask)
    build = Build.objects.filter(finished=None).first()
    assert build is not None
    run_build(build.pk, shop.at, clock=shop.present)
    build.refresh_from_db()
    assert (build.finished, build.started, build.people_done) == (None, None, 0)
    assert build.pk in builds_due(START + 6 * SECOND)
    shop.present.at = START
    shop.work()
    shop.expect_right()


def test_a_database_that_was_dumped_while_its_clock_was_ahead_is_put_right_after_the_restore() -> (
    None
):
    shop = Shop()
    shop.present.at += 400 * DAY
    shop.bought("p1", "p2")
    shop.work()
    dumped = list(AccountClock.objects.values())
    shop.present.at -= 400 * DAY
    shop.work()
    AccountClock.objects.update(**{k: v for k, v in dumped[0].items() if k != "account_id"})
    shop.work()
    shop.expect_right()


def test_an_older_clock_under_newer_people_catches_up() -> None:
    shop = Shop()
    for _day in range(3):
        shop.pass_time(DAY)
        shop.bought("p1", "p2")
    shop.work()
    AccountClock.objects.update(until=START)
    shop.work()
    shop.expect_right()


@pytest.mark.parametrize("year", [1970, 2000])
def test_a_first_start_before_the_clock_is_set_comes_right_with_it(year: int) -> None:
    shop = Shop(datetime(year, 1, 1, tzinfo=UTC))
    shop.bought("p1")
    shop.work()
    shop.present.at = START
    shop.bought("p2")
    shop.work()
    shop.expect_right()
    assert shop.members("Last hour") == {"p2"}
    shop.pass_time(DAY)
    shop.expect_right()


def test_ledger_and_members_have_no_time_that_has_not_come() -> None:
    shop = Shop()
    shop.present.at += 6 * HOUR
    shop.bought("p1", "p2")
    shop.work()
    assert MembershipChange.objects.filter(at__gt=START + HOUR).exists()
    shop.present.at -= 6 * HOUR
    shop.work()
    assert not MembershipChange.objects.filter(at__gt=shop.at).exists()
    assert not MembershipChange.objects.filter(true_since__gt=shop.at).exists()
    assert not Membership.objects.filter(entered__gt=shop.at).exists()
    assert not Segment.objects.filter(as_of__gt=shop.at).exists()
    assert not Profile.objects.filter(updated__gt=shop.at).exists()
    assert not ProfileChange.objects.filter(handled=None).exists()
    assert Event.objects.filter(time__gt=shop.at).count() == 2  # what people said stays


def test_a_stated_date_of_creation_stays() -> None:
    shop = Shop()
    stated = shop.at + 300 * DAY
    people(shop.account, shop.at, {"external_id": "later", "created": stated.isoformat()})
    shop.present.at += 6 * HOUR
    people(shop.account, shop.at, {"external_id": "later", "title": "Dr"}, {"external_id": "new"})
    shop.work()
    shop.present.at -= 6 * HOUR
    shop.work()
    made = dict(Profile.objects.values_list("external_id", "created"))
    assert (made["later"], made["new"]) == (stated, shop.at)
    shop.expect_right()


def test_a_failed_change_is_not_tried_again_hours_later() -> None:
    shop = Shop()
    shop.bought("p5")
    ProfileChange.objects.filter(handled=None).update(tries=1, retry_at=shop.at + 6 * HOUR)
    shop.work()
    assert "p5" in shop.members("Last hour")


def test_a_lease_from_the_future_is_nobody_s() -> None:
    shop = Shop()
    shop.build_again()
    Build.objects.filter(finished=None).update(heartbeat=shop.at + 6 * HOUR)
    assert len(builds_due(shop.at)) == len(SEGMENTS)
    shop.work()
    shop.expect_right()
    job = ImportJob.objects.create(
        account=shop.account,
        kind="profiles",
        status=ImportStatus.RUNNING,
        created=shop.at,
        heartbeat=shop.at + 6 * HOUR,
        settings={},
    )
    assert jobs.waiting_jobs(shop.at) == [job.pk]
    assert jobs.claim(job.pk, shop.at) is not None
    assert jobs.claim(job.pk, shop.at + 59 * SECOND) is None


@pytest.fixture
def webhook() -> Callable[[Shop], Webhook]:
    def make(shop: Shop) -> Webhook:
        return Webhook.objects.create(
            account=shop.account,
            name="Hook",
            url="https://example.com/",
            secret="whsec_",
            created=shop.at,
            updated=shop.at,
        )

    return make


def test_messages_do_not_wait_for_the_future_or_expire_by_it(
    webhook: Callable[[Shop], Webhook], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segments.webhooks.deliveries.new_deliveries.subscribers", [])
    shop, hours = Shop(), 6 * HOUR
    hook = webhook(shop)
    shop.bought("p1")
    shop.work()
    before = set(Delivery.objects.filter(state="pending"))
    assert len(before) == 4
    fail_expired(shop.at + 400 * DAY)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}
    shop.present.at += hours
    shop.work()
    Delivery.objects.filter(pk=min(one.pk for one in before)).update(
        state="pending",
        error="",
        tried=shop.at,
        tries=1,
        next_at=shop.at + MINUTE,
        claim=uuid.uuid4(),
    )
    Webhook.objects.update(rest_until=shop.at + MINUTE)
    shop.present.at -= hours
    shop.work()
    mine = Delivery.objects.filter(pk__in=[one.pk for one in before])
    assert set(mine.values_list("state", "claim")) == {("pending", None)}
    assert not Delivery.objects.filter(next_at__gt=shop.at).exists()
    hook.refresh_from_db()
    assert hook.rest_until is None


def test_changes_that_a_mirror_does_not_know_of_are_not_forgotten_by_a_clock_ahead(
    settings: Any, tmp_path: Any
) -> None:
    settings.SEGMENTER_MIRROR = tmp_path
    shop = Shop()
    upkeep.build(shop.account, shop.at)
    known = ProfileChange.objects.latest("pk").pk
    shop.bought("p1")
    shop.work()
    later = ProfileChange.objects.filter(pk__gt=known)  # what else stays is up to other sessions
    unknown = later.count()
    changes.forget_handled(shop.at + 400 * DAY)
    assert later.count() == unknown > 0
    gather.forget()
    expect_right(shop.account, shop.at)
    run_builds(shop.account, shop.at)
    assert Segment.objects.filter(status=SegmentStatus.READY).count() == len(SEGMENTS)


def test_a_segment_that_is_built_while_the_clock_is_back_misses_no_edge() -> None:
    shop = Shop()
    shop.pass_time(MINUTE)
    shop.present.at -= 3 * DAY
    shop.bought("p2")
    save_segment(
        account=shop.account,
        user=None,
        name="Bought lately",
        definition=resolve_names(
            shop.account, both(once("Bought", when("in-the-last", 1, unit="day")))
        ),
        at=shop.at,
    )
    run_builds(shop.account, shop.at)  # before anybody follows the account
    shop.pass_time(3 * DAY + MINUTE)
    assert shop.members("Bought lately") == {"p0"}
    shop.expect_right()
