"""Links to files: who reads what, how often, until when."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from profiles.ingest.erase import erase
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.destinations import links
from segments.destinations.file_contents import FileContents
from segments.destinations.links import MOST_READS, read_link, token_of
from segments.destinations.stores import sheet_link
from segments.member_files.request import ExportRequest
from segments.models import ConnectionState, Destination, DestinationLink, Segment
from tests.fixtures.cast import AT
from tests.segments.destinations.shop import let_in, new_destination, new_segment, run

pytestmark = pytest.mark.django_db
REQUEST = ExportRequest(("email", "first_name"), language="en")


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = new_segment(account)
    let_in(
        segment,
        {"email": "åsa@example.com", "first_name": "=1+1"},
        {"email": "bo@example.com", "first_name": "Bo, Jr"},
    )
    return segment


@pytest.fixture
def destination(segment: Segment) -> Destination:
    contents = FileContents(REQUEST, "{segment}", 1).as_json()
    return run(new_destination(segment, "sheet_link", secrets="", contents=contents))


def token_for(destination: Destination) -> str:
    token = token_of(DestinationLink.objects.get(destination=destination))
    assert token is not None
    return token


def test_whoever_knows_the_address_reads_the_file(destination: Destination, client: Client) -> None:
    response = client.get(f"/sheets/{token_for(destination)}.csv")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(response.content.decode())))
    assert rows == [
        ["Email", "First name"],
        ["åsa@example.com", "'=1+1"],
        ["bo@example.com", "Bo, Jr"],
    ]
    link = DestinationLink.objects.get(destination=destination)
    assert (link.reads, link.read is not None) == (1, True)


def test_another_address_leads_nowhere(destination: Destination, client: Client) -> None:
    token = token_for(destination)
    nothing = client.get("/sheets/nothing-of-this-kind.csv")
    assert nothing.status_code == 404
    for other in (token[:-1], token.swapcase(), "x" * 5000, "%00", "å"):
        assert client.get(f"/sheets/{other}.csv").status_code == 404
    link = DestinationLink.objects.get(destination=destination)
    assert client.get(f"/sheets/{link.token_hash}.csv").status_code == 404
    assert client.post(f"/sheets/{token}.csv").status_code == 405


def test_a_new_address_ends_the_old_one(destination: Destination, client: Client) -> None:
    old = token_for(destination)
    links.renew(DestinationLink.objects.get(destination=destination))
    assert client.get(f"/sheets/{old}.csv").status_code == 404
    assert client.get(f"/sheets/{token_for(destination)}.csv").status_code == 200


@pytest.mark.parametrize("state", [ConnectionState.PAUSED, ConnectionState.BROKEN])
def test_a_link_that_is_not_on_leads_nowhere(
    destination: Destination, client: Client, state: ConnectionState
) -> None:
    Destination.objects.filter(pk=destination.pk).update(state=state)
    assert client.get(f"/sheets/{token_for(destination)}.csv").status_code == 404


def test_a_link_is_read_only_so_often_in_a_minute(destination: Destination) -> None:
    token, at = token_for(destination), now()
    for _read in range(MOST_READS):
        answer = read_link(token, at)
        assert answer is not None
        assert answer.content
    answer = read_link(token, at + timedelta(seconds=50))
    assert answer == links.LinkAnswer(wait=10)
    answer = read_link(token, at + timedelta(seconds=61))
    assert answer is not None
    assert answer.content


def test_too_many_reads_are_told_when_to_come_again(
    destination: Destination, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST_READS", 0)
    response = client.get(f"/sheets/{token_for(destination)}.csv")
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 60


def test_an_erased_person_is_in_no_link_from_that_moment_on(
    segment: Segment, destination: Destination, account: Account, client: Client
) -> None:
    token = token_for(destination)
    person = Profile.objects.get(account=account, email="åsa@example.com")
    erase(account=account, profile_id=person.pk, at=AT)
    assert DestinationLink.objects.get(destination=destination).content is None
    assert client.get(f"/sheets/{token}.csv").status_code == 404
    run(destination, AT + timedelta(minutes=1))
    assert b"bo@example.com" in client.get(f"/sheets/{token}.csv").content
    assert "åsa".encode() not in client.get(f"/sheets/{token}.csv").content


def test_too_many_people_or_bytes_need_attention(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = FileContents(REQUEST, "{segment}", 1).as_json()
    monkeypatch.setattr(sheet_link.SheetLink, "most_rows", 1)
    many = run(new_destination(segment, "sheet_link", secrets="", contents=contents))
    monkeypatch.setattr(sheet_link.SheetLink, "most_rows", 2)
    monkeypatch.setattr(sheet_link, "MOST_BYTES", 10)
    large = run(new_destination(segment, "sheet_link", secrets="", contents=contents))
    for destination, word in ((many, "at most 1"), (large, "10 MB")):
        assert destination.state == ConnectionState.BROKEN
        assert word in destination.error
    assert not DestinationLink.objects.filter(content__isnull=False).exists()
