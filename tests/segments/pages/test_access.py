"""Who may open the pages of a segment, and how."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments import urls
from segments.assistant import urls as assistant_urls
from segments.audiences import urls as audiences_urls
from segments.campaigns import urls as campaigns_urls
from segments.compare import urls as compare_urls
from segments.destinations import file_urls
from segments.destinations import urls as destinations_urls
from segments.engine.tags import set_tags
from segments.forecasts import urls as forecasts_urls
from segments.inactivity import urls as inactivity_urls
from segments.library import urls as library_urls
from segments.models import Membership, Segment
from segments.performance import urls as performance_urls
from segments.samples import urls as samples_urls
from segments.sharing import urls as sharing_urls
from tests.fixtures.cast import AT, Response, SignIn
from tests.segments.pages.listed_segments import client, names, segment, segment_named

__all__ = ["client", "segment"]

pytestmark = pytest.mark.django_db


# --- who may -------------------------------------------------------------------------------------

READS = {
    *("list", "detail", "definition", "activity", "growth", "growth-csv", "on", "status", "csv"),
    "use",
    "why",
    "compare-versions",
}
WRITES = {"star", "activate", "restore", "delete"}
BUILDS_READS = {"new", "edit", "suggest"}
BUILDS_WRITES = {
    "preview",
    "change",
    "draw",
    "join",
    "people",
    "save",
    "start-over",
    "cancel",
    "discard-draft",
}


ADDRESSES = [
    pattern
    for room in urls.urlpatterns
    for pattern in room.url_patterns
    if isinstance(pattern, URLPattern)
]


def addresses(names: set[str], key: str) -> Iterator[tuple[str, str]]:
    for pattern in ADDRESSES:
        if pattern.name in names:
            arguments = [key] if "key" in str(pattern.pattern) else []
            yield str(pattern.name), reverse(f"segments:{pattern.name}", args=arguments)


OF_A_PERSON = {"person-activity", "explain"}
"""Addresses that `test_growth_pages` and `test_explain_pages` look at."""
OF_STATUS = {"status-page", "status-again", "prometheus"}
"""Addresses that `test_status` and `test_prometheus` look at."""
OF_EXPORTS = {
    "exports",
    "export-people",
    "column-set-delete",
    "export",
    "export-cancel",
    "export-file",
}
"""Addresses that `tests/segments/exports/test_pages` looks at."""
OF_CARE = {"bulk", "ask", "undo", "trash", "tags", "change-tag"}
"""Addresses that `test_care` looks at."""
OF_OTHER_ROOMS = {
    pattern.name
    for room in (
        *(samples_urls, campaigns_urls, audiences_urls, compare_urls),
        *(assistant_urls, library_urls, inactivity_urls, performance_urls),
        *(destinations_urls, file_urls, forecasts_urls, sharing_urls),
    )
    for pattern in room.urlpatterns
}
"""Addresses that the pages' tests of these rooms look at."""


def test_every_address_has_a_door() -> None:
    builds = BUILDS_READS | BUILDS_WRITES
    elsewhere = OF_A_PERSON | OF_STATUS | OF_EXPORTS | OF_CARE | OF_OTHER_ROOMS
    all_names = READS | WRITES | builds | elsewhere
    assert {pattern.name for pattern in ADDRESSES} == all_names


def test_a_viewer_reads_and_changes_nothing(
    segment: Segment, viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(viewer)
    for name, path in addresses(READS, segment.key):
        response = client.get(path)
        assert response.status_code == 200, name
        if not response.streaming and name != "status":
            page = response.content.decode()
            assert 'method="post" action="/segments' not in page
            assert "/edit" not in page
            assert "/segments/new" not in page
    for name, path in addresses(WRITES | BUILDS_WRITES, segment.key):
        assert client.post(path, {"on": "1", "version": "1"}).status_code == 403, name
    for name, path in addresses(BUILDS_READS, segment.key):
        assert client.get(path).status_code == 403, name
    before = segment.is_starred
    segment.refresh_from_db()
    assert segment.is_starred == before


def test_what_is_another_account_s_is_not_there(
    segment: Segment, stranger: User, sign_in: SignIn
) -> None:
    client = sign_in(stranger)
    for views, method in ((READS | {"edit"}, client.get), (WRITES, client.post)):
        theirs = dict(addresses(views - {"list"}, segment.key))
        nothing = dict(addresses(views - {"list"}, "nonono"))
        for name, path in theirs.items():
            answer, none = method(path), method(nothing[name])
            assert answer.status_code == none.status_code == 404, name
            assert len(answer.content) == len(none.content)
    assert names_of(client.get("/segments/")) == []
    assert client.get("/segments/new", {"from": segment.key}).status_code == 404
    assert Segment.objects.count() == 1


def names_of(response: Response) -> list[str]:
    return names(response)


def test_without_signing_in_there_is_only_the_way_to_sign_in(segment: Segment) -> None:
    everything = READS | WRITES | BUILDS_READS | BUILDS_WRITES
    for name, path in addresses(everything, segment.key):
        method = Client().post if name in WRITES | BUILDS_WRITES else Client().get
        answer = method(path)
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/sign-in?next="), name


def test_only_the_right_way_of_asking_is_answered(client: Client, segment: Segment) -> None:
    for _name, path in addresses(READS | BUILDS_READS, segment.key):
        assert client.post(path).status_code == 405
    for _name, path in addresses(WRITES | BUILDS_WRITES, segment.key):
        assert client.get(path).status_code == 405


EVIL = '"><script>alert(1)</script>{{ x }}'


def test_names_cannot_carry_scripts(
    client: Client, account: Account, people: list[Profile]
) -> None:
    segment = segment_named(account, EVIL)
    set_tags(account=account, segment=segment, names=[EVIL[:50]])
    Profile.objects.update(first_name=EVIL, city=EVIL, properties={EVIL: EVIL})
    Membership.objects.create(account=account, segment=segment, profile=people[0], entered=AT)
    for _name, path in addresses(READS | BUILDS_READS, segment.key):
        response = client.get(path)
        if not response.streaming:
            assert "<script>alert" not in response.content.decode(), path
