"""A shop whose people, builds and changes are worked on by several connections at once."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from segmenter.accounts.models import Account
from segments.engine import build_queue
from tests.builders.definitions import about, in_group, never, number, once, times, when
from tests.live.steps import (
    did,
    events,
    new_account,
    people,
    segment,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
WHO = [f"p{n}" for n in range(30)]


@pytest.fixture(autouse=True)
def nobody_else_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_queue.new_build, "subscribers", [])


@pytest.fixture
def shop() -> Account:
    account = new_account("Europe/Stockholm", NOON)
    people(
        account,
        NOON,
        *({"external_id": who, "properties": {"size": n}} for n, who in enumerate(WHO)),
    )
    return account


def segments_of_all_sorts(account: Account) -> None:
    week = when("in-the-last", 7)
    segment(account, NOON, "Buyers", once("Bought", week))
    segment(account, NOON, "Twice", times("Bought", "greater-than", 1, week))
    segment(account, NOON, "Not yet", never("Bought"))
    large = about("properties['size']", number("greater-than", 14))
    segment(account, NOON, "Large buyers", in_group("Buyers"), large)
    segment(account, NOON, "Others", in_group("Large buyers", inside=False))


def orders(seed: int, count: int = 20, at: datetime = NOON) -> list[dict[str, Any]]:
    dice = random.Random(seed)
    return [
        did("Bought", dice.choice(WHO), at - timedelta(minutes=dice.randrange(60 * 24 * 12)))
        for _ in range(count)
    ]


def send(account: Account, seed: int, batches: int) -> int:
    for n in range(batches):
        events(account, NOON, *orders(seed * 1_000 + n))
    return 0
