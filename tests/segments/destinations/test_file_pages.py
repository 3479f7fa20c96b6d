"""The pages of scheduled files: setting one up, what is wrong, who may, the link."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.destinations.access import access_of
from segments.destinations.file_contents import contents_of
from segments.destinations.file_urls import urlpatterns
from segments.destinations.store import file_stores
from segments.destinations.sync import bring_up_to_date
from segments.models import ConnectionState, Destination, DestinationFile, Schedule, Segment
from tests.fixtures.cast import SignIn
from tests.segments.member_files.shop import PEOPLE, add_segment, let_in

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {
    "store_folder": "reports",
    "schedule": "daily",
    "hour": "6",
    "weekday": "0",
    "name": "members {date}",
    "keep": "5",
    "column": ["email", "Points"],
    "format": "csv",
    "language": "en",
    "delimiter": ";",
    "decimal": ",",
    "bom": "1",
    "reach": "everyone",
}


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.SEGMENTER_DESTINATION_FOLDER = str(tmp_path)
    return tmp_path


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = add_segment(account, "Readers")
    let_in(segment, PEOPLE)
    return segment


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


@pytest.fixture
def destination(client: Client, segment: Segment, root: Path) -> Destination:
    response = client.post(path(segment, "/new/folder"), FORM)
    assert response.status_code == 302, response.context["form"].errors
    destination = Destination.objects.get()
    assert response["Location"] == path(segment, f"/{destination.key}")
    return destination


def path(segment: Segment, rest: str = "") -> str:
    return f"/segments/{segment.key}/scheduled-files{rest}"


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def test_a_file_is_set_up_and_put_there(
    client: Client, segment: Segment, destination: Destination, root: Path, marketer: User
) -> None:
    assert (destination.schedule, destination.hour, destination.weekday) == ("daily", 6, None)
    contents = contents_of(destination)
    assert (contents.name, contents.keep) == ("members {date}", 5)
    assert contents.request.columns == ("email", "Points")
    assert destination.user == marketer
    assert "waiting for a worker" in text_of(client, path(segment, f"/{destination.key}"))
    assert bring_up_to_date(destination.pk, now())
    (file,) = (root / "shop" / "reports").iterdir()
    assert file.read_bytes().startswith(b"\xef\xbb\xbfEmail;Points\r\n")
    text = text_of(client, path(segment, f"/{destination.key}"))
    assert str(file) in text
    assert "Daily, 06:00" in text
    assert str(root / "shop" / "reports") in text_of(
        client, f"/segments/{segment.key}/destinations"
    )
    assert str(root / "shop") in text_of(client, f"/segments/{segment.key}/use")


def test_the_first_page_offers_every_store(client: Client, segment: Segment) -> None:
    text = text_of(client, f"/segments/{segment.key}/destinations")
    for name, store in file_stores.items():
        assert str(store.label) in text
        assert client.get(path(segment, f"/new/{name}")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"store_folder": "../other"}, "must lie below"),
        ({"name": "{day}"}, "In braces"),
        ({"name": ""}, "required"),
        ({"keep": "0"}, "greater than or equal to 1"),
        ({"keep": "many"}, "whole number"),
        ({"schedule": "soon"}, "valid choice"),
        ({"hour": "24"}, "valid choice"),
        ({"column": []}, "at least one column"),
        ({"column": ["Shoe size"]}, "Shoe size"),
        ({"format": "pdf"}, "none of"),
        ({"reach": "fax"}, "none of"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    client: Client, segment: Segment, root: Path, changes: dict[str, Any], words: str
) -> None:
    response = client.post(path(segment, "/new/folder"), {**FORM, **changes})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Destination.objects.exists()


def test_without_a_folder_the_page_says_how_to_allow_one(
    client: Client, segment: Segment, settings: Settings
) -> None:
    settings.SEGMENTER_DESTINATION_FOLDER = ""
    response = client.post(path(segment, "/new/folder"), FORM)
    assert "SEGMENTER_DESTINATION_FOLDER" in response.content.decode()


def test_a_destination_is_changed_and_a_file_is_made_at_once(
    client: Client, segment: Segment, destination: Destination, root: Path
) -> None:
    bring_up_to_date(destination.pk, now())
    form = {**FORM, "schedule": "weekly", "weekday": "2", "column": ["email"], "name": "other"}
    address = path(segment, f"/{destination.key}/change")
    assert "members {date}" in client.get(address).content.decode()
    assert client.post(address, form).status_code == 302
    destination.refresh_from_db()
    assert (destination.schedule, destination.hour, destination.weekday) == ("weekly", 6, 2)
    assert bring_up_to_date(destination.pk, now())
    assert (root / "shop" / "reports" / "other.csv").read_text("utf-8-sig").startswith("Email\n")


def test_the_address_of_any_destination_leads_to_the_page_of_files(
    client: Client, segment: Segment, destination: Destination
) -> None:
    response = client.get(f"/segments/{segment.key}/destinations/{destination.key}")
    assert response["Location"] == path(segment, f"/{destination.key}")


def test_a_secret_is_never_shown_and_stays_unless_another_is_entered(
    client: Client, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(file_stores["s3"]), "check", lambda store, access: "s3://bucket/")
    form = FORM | {
        "store_endpoint": "https://s3.example.com",
        "store_region": "eu-north-1",
        "store_bucket": "bucket",
        "store_access_key": "AKIA",
        "store_secret_key": "very secret",
    }
    assert client.post(path(segment, "/new/s3"), form).status_code == 302
    destination = Destination.objects.get()
    assert "very secret" not in destination.secrets
    for address in ("", "/change"):
        content = client.get(path(segment, f"/{destination.key}{address}")).content.decode()
        assert "very secret" not in content
    address = path(segment, f"/{destination.key}/change")
    client.post(address, form | {"store_secret_key": "", "store_bucket": "other"})
    destination.refresh_from_db()
    access = access_of(destination)
    assert access.secrets == {"secret_key": "very secret"}
    assert access.settings["bucket"] == "other"


def test_a_destination_is_paused_resumed_and_deleted(
    client: Client, segment: Segment, destination: Destination, root: Path
) -> None:
    one = path(segment, f"/{destination.key}")
    bring_up_to_date(destination.pk, now())
    client.post(f"{one}/switch", {"on": "0"})
    destination.refresh_from_db()
    assert destination.state == ConnectionState.PAUSED
    assert not bring_up_to_date(destination.pk, now())
    client.post(f"{one}/switch", {"on": "1"})
    assert bring_up_to_date(destination.pk, now())
    assert client.post(f"{one}/delete", {"files": "1"}).status_code == 302
    assert client.get(one).status_code == 404
    assert bring_up_to_date(destination.pk, now())
    assert list((root / "shop" / "reports").iterdir()) == []
    assert not Destination.objects.exists()


def test_a_deleted_destination_may_leave_its_files(
    client: Client, segment: Segment, destination: Destination, root: Path
) -> None:
    bring_up_to_date(destination.pk, now())
    client.post(path(segment, f"/{destination.key}/delete"))
    assert not Destination.objects.exists()
    assert not DestinationFile.objects.exists()
    assert len(list((root / "shop" / "reports").iterdir())) == 1


def test_a_link_is_shown_read_and_renewed(
    client: Client, segment: Segment, viewer: User, sign_in: SignIn
) -> None:
    form = {"schedule": "hourly", "hour": "0", "weekday": "0", "column": ["email"]}
    form |= {"language": "en", "reach": "everyone"}
    response = client.post(path(segment, "/new/sheet_link"), form)
    assert response.status_code == 302, response.context["problems"]
    destination = Destination.objects.get()
    assert destination.schedule == Schedule.HOURLY
    bring_up_to_date(destination.pk, now())
    one = path(segment, f"/{destination.key}")
    addresses = []
    for _turn in range(2):
        match = re.search(
            r"http://testserver(/sheets/[\w-]+\.csv)", client.get(one).content.decode()
        )
        assert match
        addresses.append(match[1])
        assert Client().get(match[1]).content.startswith(b"Email\r\n")
        client.post(f"{one}/renew-link")
    assert Client().get(addresses[0]).status_code == 404
    assert "/sheets/" not in sign_in(viewer).get(one).content.decode()


def test_a_viewer_reads_and_changes_nothing(
    segment: Segment, destination: Destination, viewer: User, sign_in: SignIn
) -> None:
    client, one = sign_in(viewer), path(segment, f"/{destination.key}")
    response = client.get(one)
    assert response.status_code == 200
    assert 'method="post" action="/segments' not in response.content.decode()
    for address in (path(segment, "/new/folder"), f"{one}/change"):
        assert client.get(address).status_code == 403
        assert client.post(address, FORM).status_code == 403
    for name in ("switch", "renew-link", "delete"):
        assert client.post(f"{one}/{name}").status_code == 403


def test_what_is_another_accounts_is_not_there(
    segment: Segment, destination: Destination, stranger: User, sign_in: SignIn
) -> None:
    client = sign_in(stranger)
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        if "<str:key>" not in route:
            continue
        route = route.replace("<str:kind>", "folder")
        route = route.replace("<str:destination_key>", destination.key)
        address, nothing = (
            "/" + route.replace("<str:key>", key) for key in (segment.key, "nonono")
        )
        method = client.get if client.get(nothing).status_code != 405 else client.post
        answer, none = method(address), method(nothing)
        assert answer.status_code == none.status_code == 404, route
        assert len(answer.content) == len(none.content)


def test_a_destination_of_another_segment_or_of_a_list_is_not_there(
    client: Client, account: Account, segment: Segment, destination: Destination
) -> None:
    other = add_segment(account, "Others")
    assert client.get(path(other, f"/{destination.key}")).status_code == 404
    Destination.objects.filter(pk=destination.pk).update(kind="nothing")
    assert client.get(path(segment, f"/{destination.key}")).status_code == 404
    assert client.get(path(segment, "/new/nothing")).status_code == 404
