"""Segments on other pages: the search, a person's page, and a list that they need."""

from __future__ import annotations

import pytest

from profiles.models import List, Profile
from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.builders.shops import new_segment
from tests.fixtures.cast import SignIn

pytestmark = pytest.mark.django_db


def definition(key: str) -> dict[str, object]:
    """In the list with this key."""
    condition = {
        "type": "profile-group-membership",
        "is_member": True,
        "group_ids": [key],
        "timeframe_filter": None,
    }
    return {"condition_groups": [{"conditions": [condition]}]}


@pytest.fixture
def readers(account: Account, people: list[Profile]) -> Segment:
    newsletter = List.objects.get(account=account)
    segment = new_segment(account, "Readers", people[0].pk, definition=definition(newsletter.key))
    return segment


def test_a_person_s_page_names_their_segments(
    readers: Segment, people: list[Profile], viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(viewer)
    page = client.get(f"/profiles/{people[0].pk}/").content.decode()
    assert f'href="/segments/{readers.key}/"' in page
    assert "since 1 Mar 2026" in page
    assert "In no segment." in client.get(f"/profiles/{people[1].pk}/").content.decode()


def test_the_search_finds_segments_of_the_account(
    readers: Segment, viewer: User, stranger: User, sign_in: SignIn
) -> None:
    path = f'href="/segments/{readers.key}/"'
    assert path in sign_in(viewer).get("/search", {"q": "read"}).content.decode()
    assert path not in sign_in(stranger).get("/search", {"q": "read"}).content.decode()


def test_a_list_that_a_segment_needs_stays(
    readers: Segment, marketer: User, sign_in: SignIn
) -> None:
    client, newsletter = sign_in(marketer), List.objects.get()
    page = client.post(f"/lists/{newsletter.key}/delete", follow=True).content.decode()
    assert "This list is still in use: Readers." in page
    readers.definition = {"broken": newsletter.key}
    readers.save()
    client.post(f"/lists/{newsletter.key}/delete")
    assert List.objects.exists()
    readers.definition = definition("Other1")
    readers.save()
    client.post(f"/lists/{newsletter.key}/delete")
    assert not List.objects.exists()
