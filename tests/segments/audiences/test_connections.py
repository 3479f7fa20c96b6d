"""Connections: made, changed and removed, their pages, sweep and status."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from profiles.models import Profile
from segmenter.accounts.models import User
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid
from segments.audiences import connections, sync
from segments.audiences.sync import synchronize
from segments.audiences.tasks import sweep_audiences
from segments.models import (
    Audience,
    AudienceChange,
    AudienceConnection,
    AudienceMember,
    AudienceSync,
    ConnectionState,
    Segment,
)
from segments.uses import latest_records
from tests.fixtures.cast import AT, Response, SignIn
from tests.segments.audiences.connected import EXPIRED, HOUR, META, connect, meta, run, segment
from tests.segments.audiences.shop import leave, let_in, make, new_segment, sha
from tests.segments.audiences.stand_ins import Meta

__all__ = ["meta", "segment"]

pytestmark = pytest.mark.django_db


# --- connections ---------------------------------------------------------------------------------


def test_the_network_is_asked_before_a_connection_is_made(meta: Meta, segment: Segment) -> None:
    meta.answers = [(400, EXPIRED)]
    with pytest.raises(Invalid, match="Meta says: Session has expired"):
        connect(segment)
    assert AudienceConnection.objects.count() == Audience.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("audience_id", ""),
        ("audience_id", "23/../me"),
        ("audience_id", "abc"),
        ("access_token", ""),
        ("access_token", "x\r\nhost: evil"),
        ("access_token", "å"),
        ("access_token", "x" * 2001),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(
    name: str, value: str, meta: Meta, segment: Segment
) -> None:
    with pytest.raises(Invalid) as error:
        connect(segment, **{name: value})  # type: ignore[arg-type]
    assert [problem.pointer for problem in error.value.problems] == [f"/{name}"]
    assert meta.requests == []


def test_a_secret_left_empty_stays_and_another_audience_begins_anew(
    meta: Meta, segment: Segment
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    run(connect(segment))
    connection = connect(segment, access_token="", audience_id="999")
    assert AudienceMember.objects.count() == 0
    run(connection)
    assert meta.requests[-1][1] == "/v25.0/999/users"
    assert meta.requests[-1][3] == "Bearer EAAB-secret"


def test_a_network_without_an_api_cannot_be_connected(segment: Segment) -> None:
    with pytest.raises(Exception, match="was not found"):
        connections.get_api("tiktok")


def test_files_and_connections_of_one_network_do_not_know_of_each_other(
    meta: Meta, segment: Segment
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    make(segment, "meta")
    run(connect(segment))
    assert meta.people == {sha("anna@example.com")}
    assert make(segment, "meta").rows == 1
    assert AudienceMember.objects.count() == 2


def test_disconnecting_forgets_the_token_and_what_was_sent(meta: Meta, segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = run(connect(segment))
    connections.disconnect(connection)
    for model in (AudienceConnection, AudienceMember, AudienceSync, AudienceChange, Audience):
        assert model.objects.count() == 0


def test_a_connection_is_of_one_account(meta: Meta, segment: Segment, stranger: User) -> None:
    connect(segment)
    other = new_segment(stranger.seats.get().account)
    assert connections.connection_of(other, "meta") is None


# --- pages ---------------------------------------------------------------------------------------


def post(client: Client, segment: Segment, what: str, **fields: str) -> Response:
    address = reverse(f"segments:audience-{what}", args=[segment.key, "meta"])
    return client.post(address, fields)


def audience_page(client: Client, segment: Segment) -> str:
    address = reverse("segments:audience", args=[segment.key])
    return client.get(address, {"network": "meta"}).content.decode()


def test_a_marketer_connects_pauses_resumes_and_disconnects(
    meta: Meta, segment: Segment, marketer: User, sign_in: SignIn
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    client = sign_in(marketer)
    assert "Keep an audience at Meta equal" in audience_page(client, segment)
    assert post(client, segment, "connect", **META).status_code == 302
    connection = AudienceConnection.objects.get()
    assert connection.user == marketer
    assert synchronize(connection.pk, now())
    text = audience_page(client, segment)
    assert "everyone compared" in text
    assert "EAAB-secret" not in text
    record = latest_records(segment, 5)[0]
    assert (record.text, record.by, record.level) == (
        "Meta: live connection",
        str(marketer),
        "good",
    )
    assert post(client, segment, "pause", on="0").status_code == 302
    assert "Resume" in audience_page(client, segment)
    assert not synchronize(connection.pk, now() + 9 * HOUR)
    leave(segment, *Profile.objects.all())
    assert post(client, segment, "pause", on="1").status_code == 302
    assert synchronize(connection.pk, now())
    assert meta.people == set()
    assert post(client, segment, "disconnect").status_code == 302
    assert AudienceConnection.objects.count() == 0
    assert post(client, segment, "disconnect").status_code == 404


def test_the_form_says_what_is_wrong_and_never_shows_a_token(
    meta: Meta, segment: Segment, marketer: User, sign_in: SignIn
) -> None:
    client = sign_in(marketer)
    meta.answers = [(400, EXPIRED)]
    response = post(client, segment, "connect", **META)
    text = response.content.decode()
    assert response.status_code == 422
    assert "Meta says: Session has expired" in text
    assert "EAAB-secret" not in text
    response = post(client, segment, "connect", **{**META, "audience_id": "../me"})
    assert "This is a number." in response.content.decode()
    connect(segment)
    address = reverse("segments:audience-connect", args=[segment.key, "meta"])
    text = client.get(address).content.decode()
    assert "2384" in text
    assert "EAAB-secret" not in text


def test_only_marketers_of_the_account_touch_a_connection(
    meta: Meta, segment: Segment, viewer: User, stranger: User, sign_in: SignIn
) -> None:
    connect(segment)
    for user, status in ((viewer, 403), (stranger, 404)):
        client = sign_in(user)
        for what in ("connect", "pause", "disconnect"):
            assert post(client, segment, what, **META).status_code == status
        address = reverse("segments:audience-connect", args=[segment.key, "meta"])
        assert client.get(address).status_code == status
    assert AudienceConnection.objects.get().state == ConnectionState.ON


def test_a_network_without_an_api_has_no_connection_page(
    segment: Segment, marketer: User, sign_in: SignIn
) -> None:
    client = sign_in(marketer)
    for network in ("tiktok", "myspace"):
        address = reverse("segments:audience-connect", args=[segment.key, network])
        assert client.get(address).status_code == 404


def test_the_sweep_finds_what_is_due(meta: Meta, segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    assert sync.due_connections(AT) == [connection.pk]
    sweep_audiences()
    assert meta.people == {sha("anna@example.com")}
    assert sync.due_connections(now()) == []


def test_rotating_keys_keeps_connections(meta: Meta, segment: Segment, settings: Settings) -> None:
    connection = connect(segment)
    settings.SEGMENTER_ENCRYPTION_KEYS = ["n" * 40, settings.SECRET_KEY]
    call_command("rotate_secrets")
    settings.SEGMENTER_ENCRYPTION_KEYS = ["n" * 40]
    connection.refresh_from_db()
    assert sync.access_of(connection).credentials == {"access_token": "EAAB-secret"}


def test_the_status_page_names_connections_that_need_somebody(
    meta: Meta, segment: Segment, viewer: User, marketer: User, stranger: User, sign_in: SignIn
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    meta.answers = [(400, EXPIRED)]
    run(connection)
    address = reverse("segments:status-page")
    for user in (viewer, marketer):
        text = sign_in(user).get(address).content.decode()
        assert "1 audience is not kept up to date at its network." in text
        assert "Session has expired (190)" in text
    assert "Session has expired" not in sign_in(stranger).get(address).content.decode()
