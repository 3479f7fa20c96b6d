"""What an edit would do, and whom it tells."""

from __future__ import annotations

import pytest
from django.test import Client

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Invalid
from segments.engine.build import run_build
from segments.engine.dependents import dependents_of
from segments.engine.dry_run import changes_of
from segments.engine.editing import save_segment
from segments.engine.live import follow
from segments.models import Build, Delivery, Segment, Webhook
from tests.builders.definitions import IS_SET, about, either
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db

HAS_EMAIL = either(about("email", IS_SET))
HAS_PHONE = either(about("phone_number", IS_SET))


@pytest.fixture
def segment(account: Account, people: list[Profile]) -> Segment:
    """Anna and Bo; with a phone number it would be the third person."""
    saved = save_segment(account=account, user=None, name="Reachable", definition=HAS_EMAIL, at=AT)
    build(saved)
    return saved


def build(segment: Segment) -> None:
    for pk in Build.objects.filter(segment=segment, finished=None).values_list("pk", flat=True):
        run_build(pk, AT)
    segment.refresh_from_db()


def webhook(account: Account, name: str, *segments: Segment, **fields: bool) -> Webhook:
    row = Webhook.objects.create(
        account=account, name=name, all_segments=not segments, created=AT, updated=AT, **fields
    )
    row.segments.set(segments)
    return row


def test_who_enters_and_leaves_is_counted_and_named(account: Account, segment: Segment) -> None:
    changes = changes_of(account, segment, HAS_PHONE, AT)
    assert changes is not None
    assert (changes.before, changes.after, changes.moving) == (2, 1, 3)
    assert [person.phone_number for person in changes.entering.people] == ["+46701234567"]
    assert [person.first_name for person in changes.leaving.people] == ["Anna", "Bo"]
    assert changes.leaving.more == 0


def test_five_are_named_and_the_rest_is_counted(account: Account, segment: Segment) -> None:
    Profile.objects.bulk_create(
        Profile(account=account, phone_number=f"+4670000000{n}", created=AT, updated=AT)
        for n in range(7)
    )
    changes = changes_of(account, segment, HAS_PHONE, AT)
    assert changes is not None
    assert len(changes.entering.people) == 5
    assert changes.entering.more == changes.entering.count - 5


def test_nobody_moves_by_the_same_definition_or_one_of_the_same_people(
    account: Account, segment: Segment
) -> None:
    twice = {"condition_groups": HAS_EMAIL["condition_groups"] * 2}
    assert changes_of(account, segment, HAS_EMAIL, AT) is None
    assert changes_of(account, segment, twice, AT) is None


def test_a_definition_that_cannot_be_is_refused(account: Account, segment: Segment) -> None:
    itself = {"type": "profile-group-membership", "is_member": True, "group_ids": [segment.key]}
    with pytest.raises(Invalid):
        changes_of(account, segment, either(itself), AT)


def test_everything_that_uses_the_segment_is_named_with_its_page(
    account: Account, segment: Segment
) -> None:
    within = {"type": "profile-group-membership", "is_member": True, "group_ids": [segment.key]}
    new_segment(account, "Inner circle", definition=either(within))
    webhook(account, "CRM", segment)
    webhook(account, "Everything", definitions=True)
    webhook(account, "Off", segment, is_active=False)
    changes = changes_of(account, segment, HAS_PHONE, AT)
    assert changes is not None
    words = [each.words for each in changes.dependents]
    assert words == ["the segment “Inner circle”", "the webhook “CRM”"]
    assert [each.words for each in changes.hearing] == ["the webhook “CRM”"]
    assert [each.words for each in changes.hearing_always] == ["the webhook “Everything”"]
    assert all(each.url.startswith("/") for each in changes.dependents)


def test_what_another_account_has_is_not_named(
    account: Account, other_account: Account, segment: Segment
) -> None:
    within = {"type": "profile-group-membership", "is_member": True, "group_ids": [segment.key]}
    new_segment(other_account, "Theirs", definition=either(within))
    webhook(other_account, "Theirs")
    assert dependents_of(segment) == []


# --- telling -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("announces", "definitions", "messages"),
    [(False, False, 0), (True, False, 3), (False, True, 3), (True, True, 3)],
)
def test_webhooks_hear_of_an_edit_if_its_editor_says_so(
    account: Account, segment: Segment, announces: bool, definitions: bool, messages: int
) -> None:
    webhook(account, "CRM", segment, definitions=definitions)
    save_segment(
        account=account,
        user=None,
        name="Reachable",
        definition=HAS_PHONE,
        segment=segment,
        at=AT,
        announces=announces,
    )
    build(segment)
    assert segment.size == 1
    assert Delivery.objects.count() == messages


def test_the_answer_is_for_one_edit(account: Account, segment: Segment) -> None:
    webhook(account, "CRM", segment)
    for definition, announces in ((HAS_PHONE, True), (HAS_EMAIL, False)):
        save_segment(
            account=account,
            user=None,
            name="Reachable",
            definition=definition,
            segment=segment,
            at=AT,
            announces=announces,
        )
        build(segment)
    assert Delivery.objects.count() == 3


def test_an_answer_about_one_segment_tells_nothing_of_others(
    account: Account, segment: Segment, people: list[Profile]
) -> None:
    webhook(account, "CRM", segment)
    other = save_segment(
        account=account, user=None, name="Other", definition=HAS_EMAIL, at=AT, announces=True
    )
    build(other)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(("announces", "messages"), [(False, 0), (True, 3)])
def test_the_answer_is_for_segments_that_build_on_it_too(
    account: Account, segment: Segment, announces: bool, messages: int
) -> None:
    outer = segment
    for name in ("Middle", "Outer"):
        within = {"type": "profile-group-membership", "is_member": True, "group_ids": [outer.key]}
        outer = save_segment(
            account=account, user=None, name=name, definition=either(within), at=AT
        )
        build(outer)
    follow(account, AT)
    webhook(account, "CRM", outer)
    changes = changes_of(account, segment, HAS_PHONE, AT)
    assert changes is not None
    assert [each.words for each in changes.hearing] == ["the webhook “CRM”"]
    save_segment(
        account=account,
        user=None,
        name="Reachable",
        definition=HAS_PHONE,
        segment=segment,
        at=AT,
        announces=announces,
    )
    build(segment)
    follow(account, AT)
    outer.refresh_from_db()
    assert outer.size == 1
    assert Delivery.objects.count() == messages


@pytest.mark.parametrize(("answer", "messages"), [("yes", 3), ("no", 0), ("", 0), ("rubbish", 0)])
def test_a_restored_version_asks_and_tells_the_same_way(
    account: Account,
    segment: Segment,
    marketer: User,
    sign_in: SignIn,
    answer: str,
    messages: int,
) -> None:
    save_segment(account=account, user=None, name="R", definition=HAS_PHONE, segment=segment, at=AT)
    build(segment)
    webhook(account, "CRM", segment)
    client: Client = sign_in(marketer)
    path = f"/segments/{segment.key}/restore"
    question = client.post(path, {"version": "1"}, follow=True)
    page = question.content.decode()
    assert "Restore version 1?" in page
    assert "Tell webhooks about these 3 people?" in page
    client.post(path, {"version": "1", "confirmed": "1", "announces": answer})
    build(segment)
    assert (segment.version, segment.size) == (3, 2)
    assert Delivery.objects.count() == messages
