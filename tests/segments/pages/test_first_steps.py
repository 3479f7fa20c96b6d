"""An account without people is led through the first steps, with a tick for what is done."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def ticks(client: Client) -> list[bool]:
    """Whether each step is done; empty if there are no steps."""
    page = client.get("/segments/").content.decode()
    return ["done" in names for names in re.findall(r'<li class="step([ a-z]*)">', page)]


def test_each_step_is_ticked_when_it_is_done_and_then_they_are_gone(
    client: Client, account: Account
) -> None:
    assert ticks(client) == [False, False, False]
    person = {"email": "anna@example.com"}
    ingest_profiles(account=account, records=[person], at=AT)
    assert ticks(client) == [True, False, False]
    event = {"metric": "Placed Order", "time": AT.isoformat(), "unique_id": "1", "profile": person}
    ingest_events(account=account, records=[event], at=AT)
    assert ticks(client) == [True, True, False]
    new_segment(account, "All")
    assert ticks(client) == []
    assert "All" in client.get("/segments/").content.decode()


def test_a_segment_without_people_does_not_end_them(client: Client, account: Account) -> None:
    new_segment(account, "All")
    assert ticks(client) == [False, False, True]
    page = client.get("/segments/").content.decode()
    assert "1 segment" in page


def test_a_newsletter_without_events_is_not_led_for_ever(client: Client, account: Account) -> None:
    ingest_profiles(account=account, records=[{"email": "anna@example.com"}], at=AT)
    new_segment(account, "All")
    assert ticks(client) == []


def test_a_viewer_sees_the_steps_without_buttons(
    account: Account, viewer: User, sign_in: SignIn
) -> None:
    page = sign_in(viewer).get("/segments/").content.decode()
    assert page.count('<li class="step') == 3
    assert "/segments/new" not in page
    assert 'class="button primary"' not in page


def test_the_steps_are_those_of_the_own_account(
    account: Account, stranger: User, sign_in: SignIn
) -> None:
    ingest_profiles(account=account, records=[{"email": "anna@example.com"}], at=AT)
    new_segment(account, "All")
    assert ticks(sign_in(stranger)) == [False, False, False]
    assert Segment.objects.count() == 1
