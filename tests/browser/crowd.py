"""A crowd of people, and a builder that is open for them."""

from __future__ import annotations

import pytest

from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Metric, Profile
from segmenter.accounts.models import Account, User
from segments.engine.editing import save_segment
from segments.models import Segment
from tests.browser.builder_page import Builder
from tests.fixtures.browser import OpenBrowser
from tests.fixtures.cast import AT

COUNTRIES = ["Sweden"] * 12 + ["Norway"] * 8 + [None] * 10


@pytest.fixture(autouse=True)
def crowd(account: Account) -> list[Profile]:
    """30 people: 12 in Sweden, 8 in Norway, 10 with no country; number n opened n e-mails."""
    records = [
        {
            "email": f"person{n:02}@example.com",
            "first_name": f"Person {n:02}",
            "properties": {"Favourite colour": ["blue", "red"][n % 2], "Points": n},
            "lists": [{"name": "Newsletter", "joined": "2026-01-02"}] if n < 5 else [],
            **({"location": {"country": country}} if country else {}),
        }
        for n, country in enumerate(COUNTRIES)
    ]
    outcome = ingest_profiles(account=account, records=records, at=AT)
    assert outcome.accepted == len(records)
    opens = [
        {
            "metric": "Opened Email",
            "time": "2026-02-01T10:00:00Z",
            "unique_id": f"{n}-{i}",
            "properties": {"Campaign Name": ["spring", "autumn"][i % 2]},
            "profile": {"email": f"person{n:02}@example.com"},
        }
        for n in range(len(COUNTRIES))
        for i in range(n)
    ]
    ingest_events(account=account, records=opens, at=AT)
    return list(Profile.objects.filter(account=account).order_by("pk"))


@pytest.fixture
def builder(marketer: User, open_browser: OpenBrowser) -> Builder:
    return Builder(open_browser(marketer, width=1440)).open()


def opened_email(account: Account) -> dict[str, object]:
    key = Metric.objects.get(account=account).key
    condition = {
        "type": "profile-metric",
        "metric_id": key,
        "measurement": "count",
        "measurement_filter": {
            "type": "numeric",
            "operator": "greater-than-or-equal",
            "value": 20,
        },
        "timeframe_filter": {"type": "date", "operator": "alltime"},
    }
    return {"condition_groups": [{"conditions": [condition]}]}


@pytest.fixture
def segment(account: Account, marketer: User, crowd: list[Profile]) -> Segment:
    """Those who opened 20 e-mails or more: 10 people."""
    saved = save_segment(
        account=account, user=marketer, name="Readers", definition=opened_email(account), at=AT
    )
    saved.refresh_from_db()
    return saved
