"""A shop of 200 people for the rules: their countries, orders, openings and consents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import Account
from segments.advice import Advice, advice_on, inspect
from segments.definition.codec import decode
from segments.engine.checking import check_definition
from segments.engine.queries import resolve_names
from segments.engine.vocabulary import Catalog
from tests.builders.definitions import Json
from tests.fixtures.cast import AT

PEOPLE = 200
"""Number n is in Sweden (0 to 119), in Norway (120 to 179) or nowhere, and has opened n % 4 mails,
every second one by a machine. The first 150 have an address and are subscribed."""


@pytest.fixture
def shop_of_rules(shop: Account) -> Account:
    ingest_profiles(account=shop, records=[_person(n) for n in range(PEOPLE)], at=AT)
    events = [event for n in range(PEOPLE) for event in _events(n)]
    ingest_events(account=shop, records=events, at=AT, times=FILE_TIMES)
    return shop


def _person(n: int) -> dict[str, Any]:
    country = "Sweden" if n < 120 else "Norway" if n < 180 else None
    person: dict[str, Any] = {
        "external_id": f"p{n}",
        "properties": {"Points": n, "Size": "38" if n % 2 else "40", "Tags": ["VIP"] if n else []},
    }
    if n < 4:
        person["properties"]["Nickname"] = f"N{n}"
    if country:
        person["location"] = {"country": country}
    if n < 150:
        person["email"] = f"p{n}@example.com"
    return person


def _events(n: int) -> list[dict[str, Any]]:
    who = {"external_id": f"p{n}"}
    openings = [
        {
            "metric": "Opened Email",
            "time": (AT - timedelta(days=1 + i)).isoformat(),
            "unique_id": f"o{n}-{i}",
            "properties": {"Apple Privacy Open": i % 2 == 1, "Campaign Name": "Spring"},
            "profile": who,
        }
        for i in range(n % 4)
    ]
    ordered = {
        "metric": "Placed Order",
        "time": (AT - timedelta(days=60)).isoformat(),
        "unique_id": f"b{n}",
        "value": 100,
        "profile": who,
    }
    return [*openings, *([ordered] if n % 2 else [])]


def advice(account: Account, definition: Json, key: str = "") -> dict[str, Advice]:
    """The warnings about a definition by code; of several of a code the first."""
    tree = check_definition(account, resolve_names(account, definition), key)
    inspection = inspect(account, tree, AT, Catalog(account), key)
    by_code: dict[str, Advice] = {}
    for each in advice_on(inspection):
        by_code.setdefault(each.code, each)
    return by_code


def count_after_fix(account: Account, definition: Json, each: Advice) -> int:
    """How many people match after a click."""
    assert each.fix
    fixed = each.fix.definition(resolve_names(account, definition))
    return inspect(account, decode(fixed), AT, Catalog(account)).preview.count
