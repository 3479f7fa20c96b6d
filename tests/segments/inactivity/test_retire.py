"""Segments that nobody uses: warned of, deactivated a week later, woken by one use."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Invalid
from segments.engine.editing import set_active
from segments.engine.usage import note_use
from segments.inactivity.retire import tend_segments
from segments.inactivity.rule import UnusedRule, change_rule, rule_of
from segments.models import Segment, Webhook
from tests.builders.definitions import either
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db


def day(number: float) -> datetime:
    return AT + timedelta(days=number)


def tend(account: Account, *days: float) -> None:
    for number in days:
        tend_segments(account, day(number))


def state(segment: Segment) -> tuple[bool, bool, bool]:
    """Whether it is active, warned of, retired."""
    row = Segment.objects.get(pk=segment.pk)
    return row.is_active, row.warned is not None, row.retired is not None


def test_a_segment_is_warned_of_after_38_days_and_deactivated_after_45(account: Account) -> None:
    segment = new_segment(account, "Old")
    tend(account, 37.9)
    assert state(segment) == (True, False, False)
    tend(account, 38)
    assert state(segment) == (True, True, False)
    tend(account, 44.9)
    assert state(segment) == (True, True, False)
    tend(account, 45)
    assert state(segment) == (False, False, True)


def test_a_star_makes_it_a_year(account: Account) -> None:
    segment = new_segment(account, "Old", is_starred=True)
    tend(account, 357)
    assert state(segment) == (True, False, False)
    tend(account, 358, 365)
    assert state(segment) == (False, False, True)


def test_a_use_ends_the_warning(account: Account) -> None:
    segment = new_segment(account, "Old")
    tend(account, 40)
    note_use(Segment.objects.get(pk=segment.pk), day(41))
    assert state(segment) == (True, False, False)
    tend(account, 47, 60)
    assert state(segment) == (True, False, False)


def test_nothing_is_deactivated_before_its_warning_was_there_for_a_week(account: Account) -> None:
    segment = new_segment(account, "Old")
    tend(account, 200, 201, 206.9)
    assert state(segment) == (True, True, False)
    tend(account, 207)
    assert state(segment) == (False, False, True)


def test_what_something_depends_on_stays_active(account: Account) -> None:
    inner = new_segment(account, "Inner")
    within = {"type": "profile-group-membership", "is_member": True, "group_ids": [inner.key]}
    new_segment(account, "Outer", definition=either(within), used=day(400))
    heard = new_segment(account, "Heard")
    webhook = Webhook.objects.create(
        account=account, name="CRM", all_segments=False, created=AT, updated=AT
    )
    webhook.segments.add(heard)
    tend(account, 100, 108)
    assert state(inner) == state(heard) == (True, False, False)
    webhook.delete()
    tend(account, 109)
    assert state(heard) == (True, True, False)


def test_a_webhook_for_all_segments_is_no_use_of_one(account: Account) -> None:
    segment = new_segment(account, "Old")
    Webhook.objects.create(account=account, name="All", created=AT, updated=AT)
    tend(account, 38)
    assert state(segment) == (True, True, False)


def test_activating_wakes_a_segment_for_another_45_days(account: Account) -> None:
    segment = new_segment(account, "Old")
    tend(account, 38, 45)
    set_active(segment, on=True, at=day(50))
    tend(account, 50, 87)
    assert state(segment) == (True, False, False)


def test_what_a_person_deactivated_has_no_reason(account: Account) -> None:
    segment = new_segment(account, "Old")
    tend(account, 40)
    set_active(segment, on=False, at=day(40))
    assert state(segment) == (False, False, False)
    tend(account, 60)
    assert state(segment) == (False, False, False)


def test_the_rule_is_the_account_s_own(account: Account, other_account: Account) -> None:
    mine, theirs = new_segment(account, "Old"), new_segment(other_account, "Old")
    change_rule(account, UnusedRule(days=90))
    tend(account, 45)
    tend(other_account, 45)
    assert state(mine) == (True, False, False)
    assert state(theirs) == (True, True, False)
    change_rule(other_account, UnusedRule(is_on=False))
    tend(other_account, 60)
    assert state(theirs) == (True, False, False)


@pytest.mark.parametrize("days", [-1, 0, 13, 3_651, 10**9])
def test_days_out_of_range_are_refused(account: Account, days: int) -> None:
    with pytest.raises(Invalid):
        change_rule(account, UnusedRule(days=days))
    assert rule_of(account) == UnusedRule()


def test_looking_at_a_segment_is_written_down_once_a_day(account: Account) -> None:
    segment = new_segment(account, "Seen")
    note_use(segment, day(1))
    segment.refresh_from_db()
    note_use(segment, day(1.5))
    segment.refresh_from_db()
    assert segment.used == day(1)
    note_use(segment, day(2.1))
    segment.refresh_from_db()
    assert segment.used == day(2.1)


# --- pages ---------------------------------------------------------------------------------------


def test_the_list_and_the_page_say_so_and_one_click_activates(
    account: Account, marketer: User, sign_in: SignIn
) -> None:
    client = sign_in(marketer)
    segment = new_segment(account, "Old", as_of=AT)
    Segment.objects.update(warned=AT)
    page = client.get("/segments/").content.decode()
    assert "1 segment will be deactivated within a week" in page
    assert [row.segment for row in client.get("/segments/?state=soon").context["rows"]] == [segment]
    assert (
        "It stays active, since you opened it."
        in client.get(f"/segments/{segment.key}/").content.decode()
    )
    assert "will be deactivated" not in client.get("/segments/").content.decode()
    Segment.objects.update(is_active=False, retired=AT)
    page = client.get(f"/segments/{segment.key}/").content.decode()
    assert "It was deactivated on 1 Mar 2026" in page
    client.post(f"/segments/{segment.key}/activate", {"on": "1"})
    assert state(segment) == (True, False, False)


def test_marketers_change_the_rule_and_viewers_do_not(
    account: Account, marketer: User, viewer: User, sign_in: SignIn
) -> None:
    path = "/settings/unused-segments"
    client: Client = sign_in(marketer)
    assert 'value="45"' in client.get(path).content.decode()
    client.post(path, {"is_on": "on", "days": "30", "starred_days": "100"})
    assert rule_of(account) == UnusedRule(30, 100)
    refusal = client.post(path, {"is_on": "on", "days": "1", "starred_days": "x"})
    assert rule_of(account) == UnusedRule(30, 100)
    assert set(refusal.context["form"].errors) == {"days", "starred_days"}
    client.post(path, {"days": "30", "starred_days": "100"})
    assert not rule_of(account).is_on
    assert sign_in(viewer).get(path).status_code == 403
