"""Live forms on the status page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.builders.forms import live_form
from tests.builders.shops import new_segment
from tests.fixtures.cast import SignIn

pytestmark = pytest.mark.django_db


def test_a_live_form_that_nobody_sees_is_told(
    account: Account, sign_in: SignIn, viewer: User
) -> None:
    segment = new_segment(account)
    live_form(account, "Welcome")
    rules = [{"rule": "segments", "segments": [segment.key]}]
    form = live_form(account, "For members", rules=rules)[0]
    client = sign_in(viewer)
    page = client.get(reverse("segments:status-page")).content.decode()
    assert "2 forms are live." in page
    Segment.objects.filter(pk=segment.pk).delete()
    page = client.get(reverse("segments:status-page")).content.decode()
    assert "1 live form cannot be shown to anybody." in page
    assert "There is no such segment." in page
    assert reverse("forms_targeting:why", args=[form.key]) in page
