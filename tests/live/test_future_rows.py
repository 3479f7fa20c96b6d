"""Rows of a clock that was ahead: members, leases, messages and mirrors do not wait."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from profiles import changes
from profiles.columns import gather
from profiles.columns.mirror import upkeep
from profiles.imports import jobs
from profiles.models import (
    Event,
    ImportJob,
    ImportStatus,
    Profile,
    ProfileChange,
)
from segments.engine.build_queue import builds_due
from segments.engine.editing import save_segment
from segments.engine.queries import resolve_names
from segments.models import (
    Build,
    Delivery,
    Membership,
    MembershipChange,
    Segment,
    SegmentStatus,
    Webhook,
)
from segments.webhooks.deliveries import fail_expired
from tests.builders.definitions import both, once, when
from tests.live.clock_shop import SECOND, SEGMENTS, START, Shop, nobody_else_builds
from tests.live.judge import expect_right
from tests.live.steps import DAY, HOUR, MINUTE, people, run_builds

__all__ = ["nobody_else_builds"]

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert Event.objects.filter(time__gt=shop.at).count() == 2  # stated dates stay


def test_a_stated_date_of_creation_stays() -> None:
    shop = Shop()
    stated = shop.at + 300 * DAY
    people(shop.account, shop.at, {"external_id": "later", "created": stated.isoformat()})
    shop.present.at += 6 * HOUR
    people(shop.account, shop.at, {"external_id": "later", "title": "Dr"}, {"external_id": "new"})
    shop.work()
    shop.present.at -= 6 * HOUR
    shop.work()
    created = dict(Profile.objects.values_list("external_id", "created"))
    assert (created["later"], created["new"]) == (stated, shop.at)
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
    newest = ProfileChange.objects.latest("pk").pk
    shop.bought("p1")
    shop.work()
    later = ProfileChange.objects.filter(pk__gt=newest)  # what else stays is up to other sessions
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
