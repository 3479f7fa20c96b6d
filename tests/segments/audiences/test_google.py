"""The live connection to Google: tokens, consent, and what it could not read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from segments.models import (
    AudienceConnection,
    AudienceSync,
    ConnectionState,
    Segment,
)
from tests.fixtures.cast import AT
from tests.segments.audiences.connected import HOUR, connect, note, run, segment
from tests.segments.audiences.shop import consents, leave, let_in, sha
from tests.segments.audiences.stand_ins import Google

__all__ = ["segment"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def google(settings: Settings) -> Iterator[Google]:
    stand_in = Google()
    stand_in.start()
    settings.SEGMENTER_WEBHOOK_ALLOW = [stand_in.host]
    settings.SEGMENTER_GOOGLE_API = f"http://{stand_in.host}"
    settings.SEGMENTER_GOOGLE_TOKENS = f"http://{stand_in.host}/token"
    yield stand_in
    stand_in.stop()


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
