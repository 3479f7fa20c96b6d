"""Live connections against stand-ins: the audience there equals the segment, whatever happens."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from profiles.ingest.erase import erase
from profiles.ingest.store import ingest_profiles
from profiles.models import Consent, Profile
from segments.audiences import queue, sync
from segments.audiences.sync import synchronize
from segments.models import (
    AudienceChange,
    AudienceConnection,
    AudienceMember,
    AudienceSync,
    ConnectionState,
    Segment,
)
from tests.fixtures.cast import AT
from tests.segments.audiences.connected import EXPIRED, HOUR, connect, meta, note, run, segment
from tests.segments.audiences.shop import consents, leave, let_in, sha
from tests.segments.audiences.stand_ins import Meta

__all__ = ["meta", "segment"]

pytestmark = pytest.mark.django_db


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
    (body,) = meta.payloads("POST")
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
    rows = json.dumps(list(AudienceConnection.objects.values("target", "credentials", "error")))
    assert "EAAB-secret" not in rows
    assert connection.target == {"audience_id": "2384"}


def test_many_people_go_in_batches_of_one_session(meta: Meta, segment: Segment) -> None:
    let_in(segment, *({"email": f"p{number}@example.com"} for number in range(5)))
    run(connect(segment), batch=2)
    sessions = [body["session"] for body in meta.payloads("POST")]
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
    before = len(meta.requests)
    settings.SEGMENTER_WEBHOOK_ALLOW = []
    assert run(connection).state == ConnectionState.BROKEN
    assert len(meta.requests) == before
