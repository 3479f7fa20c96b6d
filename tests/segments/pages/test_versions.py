"""The versions of a segment: who, when, what changed, how many; compared and restored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.models import Build, Segment
from segments.pages.versions import version_rows
from tests.builders.definitions import IS_SET, about, both, either
from tests.fixtures.cast import AT
from tests.segments.pages.listed_segments import client

__all__ = ["client"]

pytestmark = pytest.mark.django_db

EMAIL, PHONE = about("email", IS_SET), about("phone_number", IS_SET)


def save(account: Account, user: User, definition: Any, hour: int) -> Segment:
    at = AT + timedelta(hours=hour)
    segment = save_segment(
        account=account,
        user=user,
        name="Reachable",
        definition=definition,
        segment=Segment.objects.filter(name="Reachable").first(),
        at=at,
    )
    for pk in Build.objects.filter(finished=None).values_list("pk", flat=True):
        run_build(pk, at)
    return segment


@pytest.fixture
def segment(account: Account, people: list[Profile], marketer: User, owner: User) -> Segment:
    """Three versions: with e-mail (2 people), with either (3), with a phone number (1)."""
    save(account, marketer, either(EMAIL), 0)
    save(account, owner, either(EMAIL, PHONE), 1)
    return save(account, owner, either(PHONE), 2)


def test_each_version_says_who_what_and_how_many(segment: Segment) -> None:
    rows = version_rows(segment)
    assert [row.version.number for row in rows] == [3, 2, 1]
    assert [str(row.version.user) for row in rows] == ["Owner", "Owner", "Marketer"]
    assert [row.size for row in rows] == [1, 3, 2]
    assert [[line.kind for line in row.lines] for row in rows] == [["removed"], ["added"], []]
    assert rows[-1].note == "The first version."


def test_only_the_latest_are_shown_until_all_are_asked_for(
    client: Client, account: Account, marketer: User, segment: Segment
) -> None:
    for hour in range(3, 13):
        save(account, marketer, either(EMAIL) if hour % 2 else both(EMAIL, PHONE), hour)
    path = f"/segments/{segment.key}/definition"
    page = client.get(path)
    assert len(page.context["versions"]) == 10
    assert "Show 3 older versions" in page.content.decode()
    assert page.context["versions"][-1].lines, "compared with one that is not shown"
    assert len(client.get(path, {"all": "1"}).context["versions"]) == 13


def test_any_two_are_compared(client: Client, segment: Segment) -> None:
    path = f"/segments/{segment.key}/versions"
    page = client.get(path)
    assert (page.context["before"].number, page.context["after"].number) == (2, 3)
    page = client.get(path, {"before": "1", "after": "3"})
    assert {line.kind for line in page.context["lines"]} == {"changed"}
    same = client.get(path, {"before": "2", "after": "2"})
    assert "No difference." in same.content.decode()
    for before in ("9", "x", "", "²", "-1"):
        assert client.get(path, {"before": before}).status_code == 404


def test_a_version_of_nobody_else_is_restored_without_a_question(
    client: Client, account: Account, marketer: User, segment: Segment
) -> None:
    save(account, marketer, both(PHONE, PHONE), 3)
    client.post(f"/segments/{segment.key}/restore", {"version": "3"})
    segment.refresh_from_db()
    assert (segment.version, segment.definition) == (5, either(PHONE))


def test_a_version_that_cannot_be_any_more_says_why(client: Client, segment: Segment) -> None:
    broken = {"condition_groups": [{"conditions": [{"type": "nonsense"}]}]}
    segment.versions.filter(number=1).update(definition=broken)
    response = client.post(f"/segments/{segment.key}/restore", {"version": "1"}, follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert response.context["versions"][1].note == "One of the two definitions cannot be read."
    assert client.get(f"/segments/{segment.key}/definition?restore=1").status_code == 200
    segment.refresh_from_db()
    assert segment.version == 3
