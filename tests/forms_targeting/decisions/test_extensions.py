"""Forms among the uses of segments and lists, and what live forms keep from deletion."""

from __future__ import annotations

import pytest
from django.urls import reverse

from forms_targeting.engine.live_forms import live_forms
from forms_targeting.engine.publishing import pause, publish
from forms_targeting.engine.sites import site_of
from forms_targeting.models import Form, Site
from profiles.lists.editing import create_list, delete_list
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, Invalid
from segments.engine.deletion import delete_segment
from segments.engine.editing import set_active
from segments.models import Segment
from segments.uses import latest_records
from tests.builders.forms import live_form, new_form
from tests.builders.shops import new_segment
from tests.builders.visits import form_keys
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account, "VIP")


def asking(segment: Segment) -> Form:
    rules = [{"rule": "segments", "operator": "none", "segments": [segment.key]}]
    return live_form(segment.account, "Welcome", rules=rules)[0]


def test_a_segment_that_a_live_form_asks_about_is_not_deleted(segment: Segment) -> None:
    form = asking(segment)
    with pytest.raises(Conflict, match="the form “Welcome”"):
        delete_segment(account=segment.account, segment=segment, at=AT)
    assert form_keys(segment.account) == [form.key]
    pause(form=form, at=AT)
    delete_segment(account=segment.account, segment=segment, at=AT)
    with pytest.raises(Invalid, match="There is no such segment"):
        publish(form=form, user=None, at=AT)


def test_a_list_that_a_live_form_asks_about_is_not_deleted(account: Account) -> None:
    group = create_list(account=account, name="News", at=AT)
    form = live_form(account, "Club", rules=[{"rule": "lists", "lists": [group.key]}])[0]
    with pytest.raises(Conflict, match="the form “Club”"):
        delete_list(account=account, key=group.key, at=AT)
    pause(form=form, at=AT)
    delete_list(account=account, key=group.key, at=AT)


def test_a_form_whose_rules_cannot_be_read_keeps_what_it_names(segment: Segment) -> None:
    form = asking(segment)
    form.rules = [{"rule": "moon phase", "segments": [segment.key]}]
    form.save()
    with pytest.raises(Conflict):
        delete_segment(account=segment.account, segment=segment, at=AT)


def test_other_accounts_and_drafts_keep_nothing(
    account: Account, other_account: Account, segment: Segment
) -> None:
    new_form(account, rules=[{"rule": "segments", "segments": [segment.key]}])
    other = live_form(other_account)[0]
    other.rules = [{"rule": "segments", "segments": [segment.key]}]
    other.save()
    delete_segment(account=account, segment=segment, at=AT)


def test_every_process_reads_forms_again_after_a_deletion(segment: Segment) -> None:
    account = segment.account
    form = asking(segment)
    assert form_keys(account) == [form.key]
    # As if the form had become live while the deletion had looked for forms already.
    Form.objects.filter(pk=form.pk).update(status="paused")
    delete_segment(account=account, segment=segment, at=AT)
    Form.objects.filter(pk=form.pk).update(status="live")
    assert form_keys(account) == []
    faults = live_forms(Site.objects.select_related("account").get(account=account)).faults
    assert [problem.code for problem in faults[form.key]] == ["not_found"]


def test_a_segment_that_is_not_updated_keeps_its_members_for_forms(segment: Segment) -> None:
    form = asking(segment)
    set_active(segment, on=False, at=AT)
    assert form_keys(segment.account) == [form.key]


def test_a_deletion_makes_no_site_for_accounts_without_forms(segment: Segment) -> None:
    delete_segment(account=segment.account, segment=segment, at=AT)
    assert not Site.objects.exists()
    assert site_of(segment.account, at=AT).revision == 0


def test_live_forms_are_among_the_uses_of_a_segment(segment: Segment) -> None:
    assert latest_records(segment, 10) == []
    form = asking(segment)
    (record,) = latest_records(segment, 10)
    assert record.text == "Welcome"
    assert record.url == reverse("forms_targeting:targeting", args=[form.key])


def test_a_marketer_begins_a_form_for_a_segment(
    segment: Segment, sign_in: SignIn, marketer: User, stranger: User
) -> None:
    page = sign_in(marketer).get(reverse("segments:use", args=[segment.key])).content.decode()
    address = reverse("forms_targeting:for-segment", args=[segment.key])
    assert address in page
    response = sign_in(marketer).get(address)
    assert response["Location"] == f"{reverse('forms_targeting:new')}?segment={segment.key}"
    assert sign_in(stranger).get(address).status_code == 404
