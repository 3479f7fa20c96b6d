"""Made-up shops in the database, loaded through ingest as any shop's data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from predictions.numerics.summary import Log
from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import Account, create_account
from tests.predictions.shops import START, shop_drawn

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS = 500
FIRST_DAY = EPOCH + timedelta(days=START)
AT = FIRST_DAY + timedelta(days=DAYS, hours=12)
"""Noon after the last full day of a shop of DAYS days."""
BATCH = 5_000


def shop(customers: int = 700, *, slug: str = "shop", zone: str = "UTC") -> Account:
    """A shop with enough orders for predictions; its customers have the numbers as external ids."""
    account = create_account(slug=slug, time_zone=zone)
    load(account, shop_drawn(customers, DAYS))
    return account


def load(account: Account, orders: Log, metric: str = "Placed Order", at: datetime = AT) -> None:
    """Put a log into an account; customers without an order are there, too."""
    most = int(orders.customer.max(initial=0)) + 1
    names = ("Anna", "Erik", "Kim", None)
    people = [{"external_id": f"c{i}", "first_name": names[i % 4]} for i in range(most)]
    for start in range(0, most, BATCH):
        assert not ingest_profiles(
            account=account, records=people[start : start + BATCH], at=at
        ).rejected
    rows = zip(orders.customer.tolist(), orders.time.tolist(), orders.value.tolist(), strict=True)
    events = [
        {
            "metric": metric,
            "time": EPOCH + timedelta(microseconds=time),
            "value": value if np.isfinite(value) else None,
            "unique_id": f"{metric}-{number}",
            "properties": {"Order ID": f"{customer}-{number}"},
            "profile": {"external_id": f"c{customer}"},
        }
        for number, (customer, time, value) in enumerate(rows)
    ]
    for start in range(0, len(events), BATCH):
        outcome = ingest_events(
            account=account, records=events[start : start + BATCH], at=at, times=FILE_TIMES
        )
        assert not outcome.rejected
