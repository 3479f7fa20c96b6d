"""sync_destination brings a destination up to date and says what it did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from segmenter.accounts.models import Account
from segments.models import ConnectionState, Destination
from tests.segments.destinations.receiver import Receiver
from tests.segments.destinations.shop import installed, let_in, new_destination, new_segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with installed("receiver", receiver):
        yield receiver


@pytest.fixture
def destination(account: Account, receiver: Receiver) -> Destination:
    segment = new_segment(account)
    let_in(segment, *({"email": f"p{n}@example.com"} for n in range(5)))
    return new_destination(segment)


def sync(destination: Destination, account: str = "shop") -> dict[str, Any]:
    out = StringIO()
    call_command("sync_destination", destination.key, "--account", account, stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return result


def test_everyone_is_compared_and_the_result_is_one_line_of_json(
    destination: Destination, receiver: Receiver
) -> None:
    receiver.people["stranger@example.com"] = None
    assert sync(destination) == {
        "destination": destination.key,
        "name": "List",
        "people": {"there": 5, "waiting": 0, "refused": 0},
        "run": {"added": 5, "updated": 0, "removed": 1, "refused": 0},
    }
    assert len(receiver.people) == 5


def test_what_fails_is_an_error(destination: Destination, receiver: Receiver) -> None:
    receiver.faults = ["before"]
    with pytest.raises(CommandError, match="It is down"):
        sync(destination)


def test_of_another_account_or_paused_there_is_nothing_to_do(
    destination: Destination, other_account: Account
) -> None:
    with pytest.raises(CommandError, match="no destination"):
        sync(destination, other_account.slug)
    with pytest.raises(CommandError, match="no account"):
        sync(destination, "nowhere")
    Destination.objects.update(state=ConnectionState.PAUSED)
    with pytest.raises(CommandError, match="Paused"):
        sync(destination)
