"""The pages of destinations: who may see them, what they say, what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from segmenter.accounts.models import Account, User
from segments.destinations import editing
from segments.destinations.sync import bring_up_to_date
from segments.models import ConnectionState, Destination, Segment
from segments.uses import latest_records
from tests.fixtures.cast import AT, Response, SignIn
from tests.segments.destinations.receiver import Receiver
from tests.segments.destinations.shop import DAY, installed, let_in, new_segment

pytestmark = pytest.mark.django_db
FORM = {"of_list": "77", "of_token": "secret", "channel": "", "schedule": "hourly", "hour": "6"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with installed("receiver", receiver):
        yield receiver


@pytest.fixture
def segment(account: Account, receiver: Receiver) -> Segment:
    segment = new_segment(account)
    no = {"subscriptions": {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}}}
    let_in(
        segment,
        {"email": "anna@example.com", "properties": {"Size": 38}},
        {"email": "bo@example.com", **no},
        {"external_id": "C-1"},
    )
    return segment


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def make(client: Client, segment: Segment, **changed: Any) -> Destination:
    url = reverse("segments:destination-new", args=[segment.key, "receiver"])
    assert client.post(url, FORM | changed).status_code == 302
    return Destination.objects.order_by("-pk")[0]


def post(client: Client, destination: Destination, name: str, **form: Any) -> Response:
    keys = [destination.segment.key, destination.key]
    return client.post(reverse(f"segments:destination-{name}", args=keys), form)


def text_of(client: Client, destination: Destination) -> str:
    keys = [destination.segment.key, destination.key]
    return client.get(reverse("segments:destination", args=keys)).content.decode()


def work(destination: Destination) -> Destination:
    destination.refresh_from_db()
    assert bring_up_to_date(destination.pk, destination.next_at)
    destination.refresh_from_db()
    return destination


def test_a_destination_is_made_sent_and_listed(
    client: Client, segment: Segment, receiver: Receiver, marketer: User
) -> None:
    index = reverse("segments:destinations", args=[segment.key])
    assert "Receiver" in client.get(index).content.decode()
    destination = make(client, segment, columns=["Size"], schedule="daily", hour="7")
    assert (destination.schedule, destination.hour, destination.user) == ("daily", 7, marketer)
    assert destination.secrets
    assert "secret" not in destination.secrets
    work(destination)
    assert set(receiver.people) == {"anna@example.com", "bo@example.com"}
    text = text_of(client, destination)
    assert "The list 77" in text
    assert "Left out: no e-mail address" in text
    assert "07:00" in text
    assert "The list 77" in client.get(index).content.decode()
    (record,) = latest_records(segment, 5)
    assert (record.text, record.level) == ("Receiver: The list 77", "good")


def test_the_form_says_how_many_can_be_reached_and_what_becomes_of_strangers(
    client: Client, segment: Segment
) -> None:
    url = reverse("segments:destination-new", args=[segment.key, "receiver"])
    text = client.get(url).content.decode()
    facts = " ".join(text.split())
    assert "<dt>Who can be reached by e-mail</dt> <dd>1</dd>" in facts
    assert "<dt>Everyone, whether they can be reached or not</dt> <dd>3</dd>" in facts
    assert "<dt>Left out: no e-mail address</dt> <dd>1</dd>" in facts
    assert "who is in it and not in the segment is taken out" in facts
    assert 'name="columns" value="Size" ><span>Size</span>' in facts


@pytest.mark.parametrize(
    "changed",
    [
        {"of_list": ""},
        {"of_token": ""},
        {"of_list": "x" * 2001},
        {"of_list": "a\tb"},
        {"channel": "pigeon"},
        {"schedule": "weekly"},
        {"hour": "24"},
        {"columns": ["never was"]},
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    client: Client, segment: Segment, changed: dict[str, Any]
) -> None:
    url = reverse("segments:destination-new", args=[segment.key, "receiver"])
    response = client.post(url, FORM | changed)
    assert response.status_code == 422
    assert 'class="error"' in response.content.decode()
    assert not Destination.objects.exists()


def test_a_change_keeps_the_secret_and_another_list_begins_with_everyone(
    client: Client, segment: Segment, receiver: Receiver
) -> None:
    destination = work(make(client, segment))
    assert post(client, destination, "change", **FORM | {"of_token": ""}).status_code == 302
    assert destination.members.count() == 2
    post(client, destination, "change", **FORM | {"of_token": "", "of_list": "78"})
    assert destination.members.count() == 0
    receiver.people = {}
    work(destination)
    assert destination.state == ConnectionState.ON
    assert len(receiver.people) == 2
    text = client.get(
        reverse("segments:destination-change", args=[segment.key, destination.key])
    ).content.decode()
    assert "secret" not in text.replace("secrets", "").replace("Secrets", "")


def test_pausing_stops_and_resuming_compares_everyone(
    client: Client, segment: Segment, receiver: Receiver
) -> None:
    destination = work(make(client, segment))
    post(client, destination, "pause")
    assert not bring_up_to_date(destination.pk, AT + 1000 * DAY)
    assert "Paused" in text_of(client, destination)
    receiver.people = {}
    post(client, destination, "compare")
    work(destination)
    assert len(receiver.people) == 2


def test_deleting_leaves_the_people_there_or_takes_them_out_first(
    client: Client, segment: Segment, receiver: Receiver
) -> None:
    destination = work(make(client, segment))
    post(client, destination, "delete", empties="0")
    assert not Destination.objects.exists()
    assert len(receiver.people) == 2
    destination = work(make(client, segment))
    post(client, destination, "delete", empties="1")
    destination.refresh_from_db()
    assert "Everybody is taken out there" in text_of(client, destination)
    assert bring_up_to_date(destination.pk, destination.next_at)
    assert receiver.people == {}
    assert not Destination.objects.exists()


def test_who_is_refused_and_what_went_wrong_are_said(
    client: Client, segment: Segment, receiver: Receiver
) -> None:
    receiver.refused = {"anna@example.com": "Looks <fake>"}
    destination = work(make(client, segment))
    text = text_of(client, destination)
    assert "Looks &lt;fake&gt;" in text
    assert "anna@example.com" in text
    receiver.faults = ["before"]
    post(client, destination, "compare")
    work(destination)
    assert "It is down." in text_of(client, destination)


def test_a_list_here_keeps_its_place_when_it_is_changed(client: Client, segment: Segment) -> None:
    url = reverse("segments:destination-new", args=[segment.key, "static_list"])
    form = {"of_list": "Kept", "channel": "", "schedule": "soon", "hour": ""}
    assert client.post(url, form).status_code == 302
    destination = Destination.objects.get()
    del form["of_list"]
    assert post(client, destination, "change", **form | {"channel": "email"}).status_code == 302
    destination.refresh_from_db()
    assert (destination.channel, destination.name) == ("email", "Kept")


def test_every_page_is_for_marketers_of_the_account_alone(
    client: Client, segment: Segment, viewer: User, stranger: User, sign_in: SignIn
) -> None:
    destination = make(client, segment)
    one = [segment.key, destination.key]
    addresses = [
        reverse("segments:destinations", args=[segment.key]),
        reverse("segments:destination-new", args=[segment.key, "receiver"]),
        reverse("segments:destination", args=one),
        reverse("segments:destination-change", args=one),
    ]
    actions = [reverse(f"segments:destination-{n}", args=one) for n in ("pause", "compare")]
    actions.append(reverse("segments:destination-delete", args=one))
    for address in addresses:
        assert client.get(address).status_code == 200
        assert sign_in(viewer).get(address).status_code == 403
        assert sign_in(stranger).get(address).status_code == 404
    for address in actions:
        assert sign_in(viewer).post(address).status_code == 403
        assert sign_in(stranger).post(address).status_code == 404
    other = new_segment(segment.account, "Other")
    assert (
        client.get(reverse("segments:destination", args=[other.key, destination.key])).status_code
        == 404
    )
    unknown = reverse("segments:destination-new", args=[segment.key, "unknown"])
    assert client.get(unknown).status_code == 404
    destination.refresh_from_db()
    assert destination.state == ConnectionState.ON


def test_a_kind_that_is_not_installed_any_more_can_still_be_deleted(
    client: Client, segment: Segment
) -> None:
    destination = make(client, segment)
    Destination.objects.update(kind="gone")
    assert "gone" in text_of(client, destination)
    keys = [segment.key, destination.key]
    assert client.get(reverse("segments:destination-change", args=keys)).status_code == 404
    editing.delete(destination, empties=False, at=AT)
    assert not Destination.objects.exists()


def test_the_status_page_says_which_destination_needs_somebody(
    client: Client, segment: Segment
) -> None:
    make(client, segment)
    Destination.objects.update(state=ConnectionState.BROKEN, error="The token is wrong.")
    text = client.get(reverse("segments:status-page")).content.decode()
    assert "1 destination is not kept up to date." in text
    assert "The token is wrong." in text
