"""A shop with a segment, a way to write ledger rows, and a receiver of messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from profiles.models import Cause, Profile
from segmenter.accounts.models import Account
from segments.models import MembershipChange, Segment, Webhook
from segments.webhooks.deliveries import enqueue
from segments.webhooks.editing import WebhookSettings, create_webhook
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT
from tests.segments.webhooks.receiver import Receiver

Change = Callable[..., MembershipChange]
Hook = Callable[..., Webhook]


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A receiver over plain http, which the operator has allowed."""
    started = Receiver().start()
    settings.SEGMENTER_WEBHOOK_ALLOW = [f"127.0.0.1:{started.port}"]
    yield started
    started.stop()


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account, "Buyers")


def noted_change(segment: Segment, person: Profile | int, **fields: object) -> MembershipChange:
    """A ledger row."""
    values = {"entered": True, "cause": Cause.EVENT, "true_since": AT, "at": AT} | fields
    return MembershipChange.objects.create(
        account_id=segment.account_id,
        segment=segment,
        profile_id=person if isinstance(person, int) else person.pk,
        **values,
    )


@pytest.fixture
def change(segment: Segment) -> Change:
    """Write a ledger row with what follows from it: `change(person, entered=True, cause=...)`."""

    def change_of(person: Profile | int, **fields: object) -> MembershipChange:
        row = noted_change(segment, person, **fields)
        enqueue(segment.account_id, row.pk)
        return row

    return change_of


@pytest.fixture
def hook(account: Account, receiver: Receiver) -> Hook:
    """Make a webhook to the receiver: `hook(url=..., leaving=False, ...)`."""

    def new_webhook(account: Account = account, **settings: Any) -> Webhook:
        form = WebhookSettings(**({"name": "CRM", "url": receiver.url} | settings))
        return create_webhook(account=account, settings=form, at=AT)[0]

    return new_webhook
