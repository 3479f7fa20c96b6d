"""Clocks that are wrong, jump and are put right: within a minute of a true clock all is right.

The database's time is moved here by hand (`Present`); what `now` makes of it is in `test_clock`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from profiles.columns import gather
from profiles.columns.mirror import upkeep
from profiles.ingest.store import ingest_events
from profiles.models import (
    Profile,
)
from segmenter.accounts.status import status_of
from segments.engine import edges
from segments.engine.audit import audit
from segments.engine.build import run_build
from segments.engine.build_queue import builds_due
from segments.engine.evaluate import Evaluation
from segments.engine.live import accounts_due, follow
from segments.engine.rewind import is_ahead, rewind
from segments.engine.watermark import watermark
from segments.models import (
    AccountClock,
    Build,
)
from tests.draws import portion
from tests.live.clock_shop import SECOND, START, Shop, nobody_else_builds
from tests.live.steps import DAY, HOUR, MINUTE, did

__all__ = ["nobody_else_builds"]

pytestmark = pytest.mark.django_db(transaction=True)


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
    (trouble,) = _troubles(shop)
    assert trouble == "The clock went back by 6\xa0hours: segments are being put right."

    shop.work()
    assert not watermark(shop.account, shop.at).is_late
    (trouble,) = _troubles(shop)
    assert trouble == "The clock went back by 6\xa0hours. Segments have been put right."
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
    calls = []

    def goes_back() -> datetime:
        calls.append(1)
        return START + 300 * DAY if len(calls) < 3 else START

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
