"""The pages of audiences: who may see them, what they say, what they refuse."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments.audiences.files import expire_files, make_file
from segments.models import AudienceFile, AudienceFileState, Segment
from segments.uses import latest_records
from tests.fixtures.cast import AT, SignIn
from tests.segments.audiences.shop import (
    REMOVALS,
    leave,
    let_in,
    make,
    new_segment,
    sha,
    suppressed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = new_segment(account)
    let_in(
        segment,
        {"email": "anna@example.com"},
        {"email": "bounced@example.com", **suppressed()},
        {"email": "never@example.com", "subscriptions": {}},
    )
    return segment


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def page(client: Client, segment: Segment, query: str = "") -> str:
    response = client.get(reverse("segments:audience", args=[segment.key]) + query)
    assert response.status_code == 200
    return response.content.decode()


def ask(client: Client, segment: Segment, **fields: str) -> int:
    form = {"network": "meta", "kind": "everyone", "unasked": "0", **fields}
    return client.post(reverse("segments:audience-new", args=[segment.key]), form).status_code


def addresses(segment: Segment, file: AudienceFile) -> list[str]:
    keys = [segment.key]
    return [
        reverse("segments:audience", args=keys),
        reverse("segments:audience-history", args=keys),
        reverse("segments:audience-download", args=[segment.key, file.key]),
    ]


def test_the_page_says_who_is_matched_and_who_is_left_out(client: Client, segment: Segment) -> None:
    text = page(client, segment, "?network=linkedin")
    assert "LinkedIn: Contact list" in text
    assert "needs at least 300 matched people" in text
    for words in ("Left out: Suppressed", "Left out: Unsubscribed", "Left out: Never said yes"):
        assert words in text
    assert "Consent is missing" not in text
    assert "Consent is missing" in page(client, segment, "?network=linkedin&unasked=1")


def test_a_file_is_asked_for_made_and_downloaded(
    client: Client, segment: Segment, marketer: User
) -> None:
    assert ask(client, segment) == 302
    file = AudienceFile.objects.get()
    assert (file.user, file.state) == (marketer, AudienceFileState.WAITING)
    assert 'hx-trigger="load delay' in page(client, segment, "?network=meta")
    assert make_file(file.pk, AT)
    text = page(client, segment)
    assert 'hx-trigger="load delay' not in text
    response = client.get(addresses(segment, file)[2])
    assert response["Content-Disposition"] == (
        'attachment; filename="buyers-meta-everyone-2026-03-01.csv"'
    )
    assert "no-store" in response["Cache-Control"]
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    assert [row["email"] for row in rows] == [sha("anna@example.com")]
    record = latest_records(segment, 5)[0]
    assert (record.text, record.by, record.level) == ("Meta: Everyone", str(marketer), "good")


def test_additions_and_removals_are_offered_once_there_is_a_file(
    client: Client, segment: Segment
) -> None:
    assert "File of removals" not in page(client, segment)
    make(segment, "meta")
    assert "File of removals (0 people)" in page(client, segment)
    leave(segment, *Profile.objects.all())
    assert "File of removals (1 person)" in page(client, segment)
    file = make(segment, "meta", REMOVALS)
    assert client.get(addresses(segment, file)[2]).status_code == 200


def test_the_choice_of_the_last_file_is_remembered(client: Client, segment: Segment) -> None:
    assert "Consent is missing" not in page(client, segment)
    make(segment, "meta", unasked=True)
    assert "Consent is missing" in page(client, segment)
    assert "Consent is missing" not in page(client, segment, "?network=meta&unasked=0")


@pytest.mark.parametrize(
    "fields", [{"network": "myspace"}, {"kind": "all"}, {"network": ""}, {"kind": ""}]
)
def test_what_cannot_be_meant_is_not_found(
    client: Client, segment: Segment, fields: dict[str, str]
) -> None:
    assert ask(client, segment, **fields) == 404
    assert AudienceFile.objects.count() == 0


def test_an_unknown_network_in_the_address_is_not_found(client: Client, segment: Segment) -> None:
    address = reverse("segments:audience", args=[segment.key])
    for name in ("myspace", "META", "meta "):
        assert client.get(address, {"network": name}).status_code == 404


def test_a_segment_that_is_being_built_has_no_file_yet(client: Client, segment: Segment) -> None:
    Segment.objects.filter(pk=segment.pk).update(as_of=None)
    assert ask(client, segment) == 302
    assert "is being built" in page(client, segment)
    assert AudienceFile.objects.count() == 0


def test_an_expired_file_is_not_there(client: Client, segment: Segment) -> None:
    file = make(segment, "meta")
    AudienceFile.objects.update(finished="2020-01-01T00:00:00Z")
    expire_files(AT)
    assert client.get(addresses(segment, file)[2]).status_code == 404


def test_a_viewer_may_neither_see_nor_make_audiences(
    segment: Segment, viewer: User, sign_in: SignIn
) -> None:
    file, client = make(segment, "meta"), sign_in(viewer)
    assert [client.get(address).status_code for address in addresses(segment, file)] == [403] * 3
    assert ask(client, segment) == 403
    assert "Ad audience" not in client.get(f"/segments/{segment.key}/").content.decode()


def test_a_stranger_finds_nothing(segment: Segment, stranger: User, sign_in: SignIn) -> None:
    file, client = make(segment, "meta"), sign_in(stranger)
    own = new_segment(stranger.seats.get().account, "Own")
    assert [client.get(address).status_code for address in addresses(segment, file)] == [404] * 3
    assert ask(client, segment) == 404
    # Nor by way of a segment of their own.
    assert client.get(addresses(own, file)[2]).status_code == 404
    assert AudienceFile.objects.count() == 1


def test_whoever_is_not_signed_in_is_sent_to_sign_in(segment: Segment) -> None:
    file = make(segment, "meta")
    for address in addresses(segment, file):
        assert Client().get(address).status_code == 302


def test_the_page_asks_a_steady_number_of_questions(
    client: Client, segment: Segment, django_assert_max_num_queries: object
) -> None:
    for _round in range(3):
        make(segment, "meta")
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        page(client, segment)
