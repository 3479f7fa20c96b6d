"""The small shop with events of the last days, for pages that ask at the present."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from profiles.ingest.store import ingest_events
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from tests.segments.library.shop import event, fill


@pytest.fixture
def filled(account: Account) -> Account:
    """Cilla opened three e-mails lately; Bo ordered on last year's Mother's Day in Sweden."""
    fill(account)
    opens = [(now() - timedelta(days=days)).isoformat() for days in (3, 4, 5)]
    events = [
        *(event("Opened Email", "cilla", time) for time in opens),
        event("placed order", "bo", f"{last_mothers_day().isoformat()}T09:00:00Z", 10),
    ]
    ingest_events(account=account, records=events, at=now())
    return account


def last_mothers_day() -> date:
    """The last Sunday of last year's May."""
    end = date(now().year - 1, 5, 31)
    return end - timedelta(days=end.isoweekday() % 7)
