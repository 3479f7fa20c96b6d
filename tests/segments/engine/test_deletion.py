"""Deleted segments: gone everywhere at once, back as they were, gone for good after a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from profiles.ingest.erase import erase
from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import NotFound
from segments.engine.build import run_build
from segments.engine.deletion import KEPT, delete_segment, purge_deleted, undelete_segment
from segments.engine.dependencies import plan_of
from segments.engine.editing import save_segment, set_active
from segments.engine.live import follow
from segments.engine.membership import members
from segments.engine.queries import find_segment, get_segment
from segments.engine.tags import set_tags
from segments.models import Build, Draft, MembershipChange, Segment, SegmentStatus, Webhook
from segments.webhooks.editing import WebhookSettings, change_webhook, create_webhook
from tests.builders.definitions import IS_SET, about, either
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db

HAS_EMAIL = either(about("email", IS_SET))
LATER = AT + timedelta(hours=1)


@pytest.fixture
def segment(account: Account, people: list[Profile]) -> Segment:
    """Anna and Bo, who have an e-mail address."""
    saved = save_segment(account=account, user=None, name="Reachable", definition=HAS_EMAIL, at=AT)
    build(saved, AT)
    return saved


def build(segment: Segment, at: Any) -> None:
    for pk in Build.objects.filter(segment=segment, finished=None).values_list("pk", flat=True):
        run_build(pk, at)
    segment.refresh_from_db()


def test_a_deleted_segment_is_nowhere_and_its_name_is_free(
    account: Account, segment: Segment
) -> None:
    delete_segment(account=account, segment=segment, at=AT)
    assert not Segment.objects.exists()
    assert list(plan_of(account.pk)) == []
    with pytest.raises(NotFound):
        get_segment(account, segment.key)
    with pytest.raises(NotFound):
        find_segment(account, "Reachable")
    again = save_segment(account=account, user=None, name="Reachable", definition=HAS_EMAIL, at=AT)
    assert again.pk != segment.pk


def test_deleting_twice_changes_nothing(account: Account, segment: Segment) -> None:
    delete_segment(account=account, segment=segment, at=AT)
    delete_segment(account=account, segment=segment, at=LATER)
    assert Segment.with_deleted.get(pk=segment.pk).deleted == AT


def test_a_segment_comes_back_with_tags_versions_members_and_uses(
    account: Account, segment: Segment, marketer: User
) -> None:
    set_tags(account=account, segment=segment, names=["spring"])
    webhook = Webhook.objects.create(
        account=account, name="CRM", all_segments=False, created=AT, updated=AT
    )
    webhook.segments.add(segment)
    draft = Draft.objects.create(
        account=account,
        user=marketer,
        key="k",
        segment=segment,
        revision={"segment": segment.key},
        definition={},
        updated=AT,
    )
    delete_segment(account=account, segment=segment, at=AT)
    assert list(webhook.segments.all()) == []
    assert Draft.objects.get(pk=draft.pk).segment is None

    undelete_segment(account=account, key=segment.key, at=LATER)
    build(segment, LATER)
    assert (segment.name, segment.status, segment.size) == ("Reachable", SegmentStatus.READY, 2)
    assert [tag.name for tag in segment.tags.all()] == ["spring"]
    assert segment.versions.count() == 1
    assert list(webhook.segments.all()) == [segment]
    assert Draft.objects.get(pk=draft.pk).segment == segment
    assert MembershipChange.objects.filter(segment=segment).count() == 2, "nobody moved"


def test_who_changed_while_it_was_deleted_is_counted_when_it_is_back(
    account: Account, segment: Segment, people: list[Profile]
) -> None:
    delete_segment(account=account, segment=segment, at=AT)
    ingest_profiles(account=account, records=[{"email": "late@example.com"}], at=LATER)
    follow(account, LATER)
    assert len(members(segment.pk)) == 2
    undelete_segment(account=account, key=segment.key, at=LATER)
    build(segment, LATER)
    assert segment.size == len(members(segment.pk)) == 3


def test_a_person_who_is_erased_leaves_deleted_segments_too(
    account: Account, segment: Segment, people: list[Profile]
) -> None:
    delete_segment(account=account, segment=segment, at=AT)
    erase(account=account, profile_id=people[0].pk, at=LATER)
    follow(account, LATER)
    assert members(segment.pk).tolist() == [people[1].pk]


def test_an_inactive_segment_comes_back_inactive(account: Account, segment: Segment) -> None:
    set_active(segment, on=False, at=AT)
    delete_segment(account=account, segment=segment, at=AT)
    back = undelete_segment(account=account, key=segment.key, at=LATER)
    assert not back.is_active
    assert not Build.objects.filter(segment=segment, finished=None).exists()


def test_a_build_that_was_running_does_not_write_into_a_deleted_segment(
    account: Account, people: list[Profile]
) -> None:
    segment = save_segment(account=account, user=None, name="A", definition=HAS_EMAIL, at=AT)
    build_id = Build.objects.get(segment=segment).pk
    delete_segment(account=account, segment=segment, at=AT)
    run_build(build_id, AT)
    assert len(members(segment.pk)) == 0
    undelete_segment(account=account, key=segment.key, at=LATER)
    build(segment, LATER)
    assert segment.size == 2


def test_a_segment_whose_name_was_taken_comes_back_with_a_number(
    account: Account, segment: Segment
) -> None:
    delete_segment(account=account, segment=segment, at=AT)
    new_segment(account, "Reachable")
    assert undelete_segment(account=account, key=segment.key, at=LATER).name == "Reachable (2)"


def test_bringing_back_what_is_not_deleted_changes_nothing(
    account: Account, other_account: Account, segment: Segment
) -> None:
    undelete_segment(account=account, key=segment.key, at=LATER)
    segment.refresh_from_db()
    assert segment.status == SegmentStatus.READY
    for key in ("nonono", ""):
        with pytest.raises(NotFound):
            undelete_segment(account=account, key=key, at=LATER)
    with pytest.raises(NotFound):
        undelete_segment(account=other_account, key=segment.key, at=LATER)


def test_after_a_month_a_deletion_is_for_good(account: Account, segment: Segment) -> None:
    delete_segment(account=account, segment=segment, at=AT)
    assert purge_deleted(AT + KEPT - timedelta(seconds=1)) == 0
    assert purge_deleted(AT + KEPT) == 1
    assert not Segment.with_deleted.exists()
    assert not MembershipChange.objects.exists()
    assert len(members(segment.pk)) == 0
    with pytest.raises(NotFound):
        undelete_segment(account=account, key=segment.key, at=AT + KEPT)


def test_what_lacks_a_list_by_now_freezes_when_it_is_back(
    account: Account, people: list[Profile]
) -> None:
    inner = new_segment(account, "Inner", definition=HAS_EMAIL)
    within = {"type": "profile-group-membership", "is_member": True, "group_ids": [inner.key]}
    outer = save_segment(account=account, user=None, name="Outer", definition=either(within), at=AT)
    build(outer, AT)
    delete_segment(account=account, segment=outer, at=AT)
    delete_segment(account=account, segment=inner, at=AT)
    undelete_segment(account=account, key=outer.key, at=LATER)
    build(outer, LATER)
    assert outer.status == SegmentStatus.FROZEN
    assert inner.key in outer.error

    undelete_segment(account=account, key=inner.key, at=LATER)
    build(outer, LATER)
    assert outer.status == SegmentStatus.READY


def test_an_edited_webhook_does_not_hear_of_a_deleted_segment_that_comes_back(
    account: Account, segment: Segment
) -> None:
    other = new_segment(account, "Other", definition=HAS_EMAIL)
    settings = WebhookSettings("Shop", "https://hooks.example.com/", [segment, other])
    webhook, _secret = create_webhook(account=account, settings=settings, at=AT)
    delete_segment(account=account, segment=segment, at=AT)
    change_webhook(webhook=webhook, settings=replace(settings, segments=[other]), at=AT)
    undelete_segment(account=account, key=segment.key, at=LATER)
    assert list(webhook.segments.all()) == [other]


def test_a_segment_that_was_just_deleted_cannot_be_activated(
    account: Account, segment: Segment
) -> None:
    delete_segment(account=account, segment=segment, at=AT)
    set_active(segment, on=False, at=LATER)
    assert Segment.with_deleted.get(pk=segment.pk).is_active
