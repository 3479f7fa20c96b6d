"""Live connections against stand-ins: the audience there equals the segment, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from profiles.ingest.erase import erase
from profiles.ingest.store import ingest_profiles
from profiles.models import Cause, Consent, Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid
from segments.audiences import connections, queue, sync
from segments.audiences.sync import synchronize
from segments.audiences.tasks import sweep_audiences
from segments.engine.remote_sync import LEASE
from segments.models import (
    Audience,
    AudienceChange,
    AudienceConnection,
    AudienceMember,
    AudienceSync,
    ConnectionState,
    MembershipChange,
    Segment,
)
from segments.uses import latest_records
from tests.fixtures.cast import AT, Response, SignIn
from tests.segments.audiences.shop import consents, leave, let_in, make, new_segment, sha
from tests.segments.audiences.stand_ins import Google, Meta

pytestmark = pytest.mark.django_db
HOUR = sync.HOUR + timedelta(seconds=20)
"""A little more than an hour: what a worker does takes time."""
META = {"audience_id": "2384", "access_token": "EAAB-secret"}
GOOGLE = {
    "account_id": "123-456-7890",
    "list_id": "77",
    "client_id": "client.apps.example",
    "client_secret": "GOCSPX-secret",
    "refresh_token": "1//refresh",
}


@pytest.fixture
def meta(settings: Settings) -> Iterator[Meta]:
    stand_in = Meta()
    stand_in.start()
    settings.SEGMENTER_WEBHOOK_ALLOW = [stand_in.host]
    settings.SEGMENTER_META_API = f"http://{stand_in.host}"
    yield stand_in
    stand_in.stop()


@pytest.fixture
def google(settings: Settings) -> Iterator[Google]:
    stand_in = Google()
    stand_in.start()
    settings.SEGMENTER_WEBHOOK_ALLOW = [stand_in.host]
    settings.SEGMENTER_GOOGLE_API = f"http://{stand_in.host}"
    settings.SEGMENTER_GOOGLE_TOKENS = f"http://{stand_in.host}/token"
    yield stand_in
    stand_in.stop()


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account)


def connect(
    segment: Segment, network: str = "meta", *, unasked: bool = False, **changed: str
) -> AudienceConnection:
    values = {**(META if network == "meta" else GOOGLE), **changed}
    connection = connections.connect(
        segment=segment,
        network=network,
        values=values,
        includes_unasked=unasked,
        user=None,
        at=AT,
    )
    return connection


def run(connection: AudienceConnection, at: datetime = AT, **options: Any) -> AudienceConnection:
    assert synchronize(connection.pk, at, **options)
    connection.refresh_from_db()
    return connection


def note(segment: Segment, person: Profile, at: datetime, *, entered: bool) -> None:
    """A row of the ledger, as the live path writes it."""
    MembershipChange.objects.create(
        account=segment.account,
        segment=segment,
        profile_id=person.pk,
        entered=entered,
        cause=Cause.EVENT,
        true_since=at,
        at=at,
    )


def test_everyone_with_consent_is_sent_hashed_in_one_session(meta: Meta, segment: Segment) -> None:
    let_in(
        segment,
        {
            "email": "Anna@example.com",
            "external_id": "A-1",
            "first_name": "Anna",
            "location": {"country": "Sweden", "zip": "211 20"},
            "properties": {"Birthday": "1997-02-16"},
        },
        {"email": "never@example.com", "subscriptions": {}},
    )
    connection = run(connect(segment))
    (body,) = meta.sent("POST")
    schema, (row,) = body["payload"]["schema"], body["payload"]["data"]
    cells = dict(zip(schema, row, strict=True))
    assert cells == {
        "EMAIL": sha("anna@example.com"),
        "PHONE": "",
        "FN": sha("anna"),
        "LN": "",
        "CT": "",
        "ST": "",
        "ZIP": sha("21120"),
        "COUNTRY": sha("se"),
        "GEN": "",
        "DOBY": sha("1997"),
        "DOBM": sha("02"),
        "DOBD": sha("16"),
        "EXTERN_ID": "A-1",
    }
    assert body["session"] == {
        "session_id": body["session"]["session_id"],
        "batch_seq": 1,
        "last_batch_flag": True,
        "estimated_num_total": 1,
    }
    method, path, _body, token = meta.requests[-1]
    assert (method, path, token) == ("POST", "/v25.0/2384/users", "Bearer EAAB-secret")
    assert (connection.state, connection.error) == ("on", "")
    assert sync.HOUR <= connection.next_at - AT < HOUR
    log = AudienceSync.objects.get()
    assert (log.added, log.removed, log.is_full, log.finished is None) == (1, 0, True, False)


def test_the_token_is_stored_encrypted(meta: Meta, segment: Segment) -> None:
    connection = connect(segment)
    stored = json.dumps(list(AudienceConnection.objects.values("target", "credentials", "error")))
    assert "EAAB-secret" not in stored
    assert connection.target == {"audience_id": "2384"}


def test_many_people_go_in_batches_of_one_session(meta: Meta, segment: Segment) -> None:
    let_in(segment, *({"email": f"p{number}@example.com"} for number in range(5)))
    run(connect(segment), batch=2)
    sessions = [body["session"] for body in meta.sent("POST")]
    assert len({session["session_id"] for session in sessions}) == 1
    assert [session["batch_seq"] for session in sessions] == [1, 2, 3]
    assert [session["last_batch_flag"] for session in sessions] == [False, False, True]
    assert {session["estimated_num_total"] for session in sessions} == {5}
    assert len(meta.people) == 5


def test_what_the_ledger_says_is_followed_an_hour_later(meta: Meta, segment: Segment) -> None:
    anna = let_in(segment, {"email": "anna@example.com"})[0]
    connection = run(connect(segment))
    bo = let_in(segment, {"email": "bo@example.com"})[0]
    leave(segment, anna)
    note(segment, bo, AT + timedelta(minutes=20), entered=True)
    note(segment, anna, AT + timedelta(minutes=30), entered=False)
    assert not synchronize(connection.pk, AT + timedelta(minutes=59))
    run(connection, AT + HOUR)
    assert meta.people == {sha("bo@example.com")}
    log = AudienceSync.objects.order_by("-pk").first()
    assert log is not None
    assert (log.added, log.removed, log.is_full) == (1, 1, False)


def test_who_says_no_or_has_a_new_address_is_followed_without_the_ledger(
    meta: Meta, segment: Segment
) -> None:
    anna, bo = let_in(
        segment, {"email": "anna@example.com", "external_id": "A"}, {"email": "bo@example.com"}
    )
    connection = run(connect(segment))
    later = AT + timedelta(minutes=10)
    no = consents(email="UNSUBSCRIBED")
    no["subscriptions"]["email"]["marketing"]["consent_timestamp"] = later.isoformat()
    ingest_profiles(account=segment.account, records=[{"email": bo.email, **no}], at=later)
    Profile.objects.filter(pk=anna.pk).update(email="new@example.com", updated=later)
    run(connection, AT + HOUR)
    assert meta.people == {sha("new@example.com")}


def test_the_daily_comparison_repairs_what_nothing_told_of(meta: Meta, segment: Segment) -> None:
    anna = let_in(segment, {"email": "anna@example.com"})[0]
    connection = run(connect(segment))
    leave(segment, anna)  # without a row of the ledger
    long_ago = AT - timedelta(days=9)
    Profile.objects.update(updated=long_ago)
    Consent.objects.update(recorded=long_ago)
    for hour in range(1, 24):
        run(connection, AT + hour * HOUR)
    assert meta.people == {sha("anna@example.com")}
    run(connection, AT + 24 * HOUR)
    assert meta.people == set()


def test_an_erased_person_is_removed_at_the_next_comparison(meta: Meta, segment: Segment) -> None:
    anna = let_in(segment, {"email": "anna@example.com"})[0]
    connection = run(connect(segment))
    erase(account=segment.account, profile_id=anna.pk, at=AT)
    run(connection, AT + HOUR)
    assert meta.people == set()
    assert AudienceMember.objects.count() == AudienceChange.objects.count() == 0


def test_nothing_is_sent_twice_and_nothing_when_nothing_changed(
    meta: Meta, segment: Segment
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = run(connect(segment))
    before = len(meta.requests)
    run(connection, AT + HOUR)
    run(connection, AT + 25 * HOUR)
    assert len(meta.requests) == before


# --- errors --------------------------------------------------------------------------------------

RATE = {"error": {"message": "Too many calls", "code": 80003, "type": "OAuthException"}}
EXPIRED = {"error": {"message": "Session has expired", "code": 190, "type": "OAuthException"}}
BLOCKED = {
    "error": {
        "message": "Invalid parameter",
        "code": 100,
        "error_subcode": 1713230,
        "error_user_msg": "Before updating user memberships, you must resolve restrictions",
    }
}


@pytest.mark.parametrize(
    "answer",
    [
        (400, RATE),
        (500, {"error": {"message": "An unknown error", "code": 1}}),
        (503, b"<html>busy</html>"),
        (429, b""),
        (400, {"error": {"message": "Try later", "code": 9999, "is_transient": True}}),
    ],
)
def test_an_error_that_passes_is_tried_again_with_growing_pauses(
    answer: Any, meta: Meta, segment: Segment
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    at = AT
    for pause in (1, 5, 15, 60, 60):
        meta.answers = [answer]
        connection = run(connection, at)
        assert connection.state == ConnectionState.ON
        assert connection.error
        assert timedelta(0) <= connection.next_at - at - timedelta(minutes=pause) < HOUR / 60
        at = connection.next_at
    run(connection, at)
    assert meta.people == {sha("anna@example.com")}
    assert (connection.error, connection.failures) == ("", 0)


def test_a_network_is_given_the_time_it_asks_for(meta: Meta, segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    meta.answers = [(429, RATE, {"Retry-After": "1800"})]
    connection = run(connection)
    assert connection.next_at - AT >= timedelta(minutes=30)
    meta.answers = [(429, RATE, {"Retry-After": "999999"})]
    at = connection.next_at
    assert run(connection, at).next_at - at < timedelta(hours=7)


@pytest.mark.parametrize(("document", "words"), [(EXPIRED, "expired"), (BLOCKED, "resolve")])
def test_an_error_that_somebody_must_mend_stops_the_connection(
    document: Any, words: str, meta: Meta, segment: Segment
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    meta.answers = [(400, document)]
    connection = run(connection)
    assert connection.state == ConnectionState.BROKEN
    assert words in connection.error
    assert not synchronize(connection.pk, AT + 48 * HOUR)
    connect(segment, access_token="EAAB-new")
    run(connection)
    assert meta.requests[-1][3] == "Bearer EAAB-new"
    assert meta.people == {sha("anna@example.com")}


def test_entries_that_the_network_refuses_are_told(meta: Meta, segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"}, {"email": "bo@example.com"})
    connection = connect(segment)
    meta.answers = [
        (
            200,
            {
                "num_received": 2,
                "num_invalid_entries": 1,
                "invalid_entry_samples": {"0": "a" * 500},
            },
        )
    ]
    run(connection)
    log = AudienceSync.objects.get()
    assert (log.added, log.invalid, log.samples) == (2, 1, ["a" * 100])


def test_an_unreachable_network_is_tried_again(meta: Meta, segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    meta.stop()
    connection = run(connection)
    assert (connection.state, connection.failures) == (ConnectionState.ON, 1)
    assert connection.error
    meta.start = lambda: meta  # type: ignore[method-assign]


def test_a_token_that_no_key_decrypts_needs_attention(
    meta: Meta, segment: Segment, settings: Settings
) -> None:
    connection = connect(segment)
    settings.SEGMENTER_ENCRYPTION_KEYS = ["c" * 40]
    connection = run(connection)
    assert connection.state == ConnectionState.BROKEN
    assert "Enter it again" in connection.error


def test_a_fault_of_ours_is_logged_and_tried_again(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    with monkeypatch.context() as patch:
        patch.setattr(queue, "documents", lambda *_: 1 / 0)
        connection = run(connection)
    assert connection.state == ConnectionState.ON
    assert "Something went wrong here" in connection.error
    run(connection, connection.next_at)
    assert meta.people == {sha("anna@example.com")}


def test_a_private_address_is_never_asked(meta: Meta, segment: Segment, settings: Settings) -> None:
    connection = connect(segment)
    let_in(segment, {"email": "anna@example.com"})
    asked = len(meta.requests)
    settings.SEGMENTER_WEBHOOK_ALLOW = []
    assert run(connection).state == ConnectionState.BROKEN
    assert len(meta.requests) == asked


# --- killed workers, races -----------------------------------------------------------------------


class Killed(BaseException):
    pass


def test_a_worker_killed_between_sending_and_settling_loses_nobody(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = let_in(segment, *({"email": f"p{number}@example.com"} for number in range(4)))
    connection = connect(segment)
    with monkeypatch.context() as patch:

        def killed(*_arguments: object) -> None:
            raise Killed

        patch.setattr(queue, "settle", killed)
        with pytest.raises(Killed):
            synchronize(connection.pk, AT, batch=2)
    assert len(meta.people) == 2
    erase(account=segment.account, profile_id=people[0].pk, at=AT)
    leave(segment, people[1])
    assert not synchronize(connection.pk, AT + timedelta(minutes=1))
    later = AT + LEASE + HOUR
    note(segment, people[1], later, entered=False)
    run(connection, later)
    run(connection, later + HOUR)
    assert meta.people == {sha("p2@example.com"), sha("p3@example.com")}


def while_sending(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen while the first batch is under way."""
    documents = queue.documents

    def interrupted(*arguments: Any) -> Any:
        monkeypatch.undo()
        happens()
        return documents(*arguments)

    monkeypatch.setattr(queue, "documents", interrupted)


def test_a_worker_whose_lease_ran_out_writes_nothing(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    rows = AudienceConnection.objects
    while_sending(monkeypatch, lambda: rows.update(claim=None, lease=None))
    assert not synchronize(connection.pk, AT)
    assert AudienceMember.objects.count() == 0
    run(connection, AT)
    assert AudienceMember.objects.count() == 1
    assert meta.people == {sha("anna@example.com")}


def test_two_workers_are_never_at_work_on_one_connection(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment)
    others: list[bool] = []
    while_sending(monkeypatch, lambda: others.append(synchronize(connection.pk, AT)))
    run(connection)
    assert others == [False]
    assert len(meta.sent("POST")) == 1


def test_a_connection_that_is_paused_while_it_sends_stops(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(segment, *({"email": f"p{number}@example.com"} for number in range(4)))
    connection = connect(segment)
    pause = partial(connections.set_paused, connection, paused=True, at=AT)
    while_sending(monkeypatch, pause)
    assert not synchronize(connection.pk, AT, batch=2)
    assert not synchronize(connection.pk, AT + 2 * HOUR)
    assert len(meta.people) == 2
    connections.set_paused(connection, paused=False, at=AT)
    run(connection)
    assert len(meta.people) == 4


def test_what_waited_while_paused_is_worked_out_anew(
    meta: Meta, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = let_in(segment, *({"email": f"p{number}@example.com"} for number in range(4)))
    connection = connect(segment)
    while_sending(monkeypatch, partial(connections.set_paused, connection, paused=True, at=AT))
    assert not synchronize(connection.pk, AT, batch=2)
    assert AudienceChange.objects.count() == 4
    leave(segment, people[0], people[3])
    connections.set_paused(connection, paused=False, at=AT + 99 * HOUR)
    run(connection, AT + 99 * HOUR)
    assert meta.people == {sha("p1@example.com"), sha("p2@example.com")}
    sent = {row[0] for body in meta.sent("POST") for row in body["payload"]["data"]}
    assert sha("p3@example.com") not in sent


def test_a_clock_that_was_ahead_does_not_stop_a_connection(meta: Meta, segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = run(connect(segment), AT)
    run(connection, AT + 100 * HOUR)
    assert not synchronize(connection.pk, AT + HOUR)
    sync.rewind(segment.account_id, AT + HOUR)
    run(connection, AT + HOUR)


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


# --- Google --------------------------------------------------------------------------------------


def test_google_gets_identifiers_with_a_token_that_lasts_an_hour(
    google: Google, segment: Segment
) -> None:
    anna = let_in(
        segment,
        {
            "email": "Anna.Lind+x@gmail.com",
            "phone_number": "+46701234567",
            "first_name": "Anna",
            "last_name": "Lind",
            "location": {"country": "Sweden", "zip": "211 20"},
            **consents(email="SUBSCRIBED", sms="SUBSCRIBED"),
        },
    )[0]
    connection = run(connect(segment, "google"))
    method, path, body, token = google.requests[-1]
    assert (method, path, token) == ("POST", "/v1/audienceMembers:ingest", "Bearer ya29.short")
    assert body["destinations"] == [
        {
            "operatingAccount": {"accountType": "GOOGLE_ADS", "accountId": "1234567890"},
            "productDestinationId": "77",
        }
    ]
    assert body["audienceMembers"] == [
        {
            "userData": {
                "userIdentifiers": [
                    {"emailAddress": sha("annalind@gmail.com")},
                    {"phoneNumber": sha("+46701234567")},
                    {
                        "address": {
                            "givenName": sha("anna"),
                            "familyName": sha("lind"),
                            "regionCode": "SE",
                            "postalCode": "211 20",
                        }
                    },
                ]
            }
        }
    ]
    assert body["consent"]["adUserData"] == "CONSENT_GRANTED"
    exchange = next(body for _m, path, body, _t in google.requests if path == "/token")
    assert exchange == {
        "grant_type": "refresh_token",
        "client_id": "client.apps.example",
        "client_secret": "GOCSPX-secret",
        "refresh_token": "1//refresh",
    }
    leave(segment, anna)
    note(segment, anna, AT + timedelta(minutes=1), entered=False)
    run(connection, AT + HOUR)
    assert google.people == set()


def test_no_consent_is_claimed_for_people_who_gave_none(google: Google, segment: Segment) -> None:
    let_in(segment, {"email": "never@example.com", "subscriptions": {}})
    run(connect(segment, "google", unasked=True))
    assert "consent" not in google.requests[-1][2]


def test_what_google_could_not_read_is_told_when_it_says_so(
    google: Google, segment: Segment
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    google.outcomes = [
        {"requestStatus": "PROCESSING"},
        {
            "requestStatus": "PARTIAL_SUCCESS",
            "errorInfo": {
                "errorCounts": [
                    {"recordCount": "3", "reason": "PROCESSING_ERROR_REASON_INVALID_EMAIL"}
                ]
            },
        },
    ]
    connection = run(connect(segment, "google"))
    assert connection.next_at - AT < timedelta(minutes=6)
    connection = run(connection, connection.next_at)
    assert AudienceSync.objects.get().open_requests
    run(connection, connection.next_at)
    log = AudienceSync.objects.get()
    assert (log.invalid, log.open_requests) == (3, [])
    assert log.samples == ["PROCESSING_ERROR_REASON_INVALID_EMAIL"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (
            (400, {"error": "invalid_grant", "error_description": "Token has been revoked."}),
            ConnectionState.BROKEN,
        ),
        ((503, b"busy"), ConnectionState.ON),
    ],
)
def test_a_refresh_token_that_was_revoked_needs_somebody(
    answer: Any, state: str, google: Google, segment: Segment
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment, "google")
    google.answers = [answer]
    assert run(connection).state == state


def test_what_google_says_of_a_field_is_told(google: Google, segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    connection = connect(segment, "google")
    detail = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": "destinations[0]", "description": "Invalid list."}],
    }
    error = {"error": {"code": 400, "message": "There was a problem", "details": [detail]}}
    google.answers = [(200, {"access_token": "ya29"}), (400, error)]
    connection = run(connection)
    assert connection.error == "There was a problem; destinations[0]: Invalid list."
    google.answers = [(200, {"access_token": "ya29"}), (429, error, {"Retry-After": "60"})]
    AudienceConnection.objects.update(state=ConnectionState.ON, next_at=AT)
    assert run(connection).state == ConnectionState.ON


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
