"""Live connections to the stand-ins, and their runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from profiles.models import Cause, Profile
from segmenter.accounts.models import Account
from segments.audiences import connections, sync
from segments.audiences.sync import synchronize
from segments.models import (
    AudienceConnection,
    MembershipChange,
    Segment,
)
from tests.fixtures.cast import AT
from tests.segments.audiences.shop import new_segment
from tests.segments.audiences.stand_ins import Meta

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


EXPIRED = {"error": {"message": "Session has expired", "code": 190, "type": "OAuthException"}}
