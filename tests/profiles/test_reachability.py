"""Whether a person may be written to: page, API, conditions and the oracle agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest
import time_machine
from django.test import Client

from profiles.columns.gather import all_of
from profiles.ingest.store import ingest_profiles
from profiles.models import Channel
from segmenter.accounts.models import Account, User, create_api_key
from segments.definition.codec import decode
from segments.engine.evaluate import Evaluation
from segments.engine.preview import preview
from tests.api.conftest import Api
from tests.builders.definitions import either
from tests.fixtures.cast import SignIn
from tests.oracle.oracle import members
from tests.oracle.world import World

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOMENTS = {
    "past": AT - timedelta(days=3),
    "now": AT,
    "next": AT + timedelta(microseconds=1),
    "future": AT + timedelta(days=30),
}
PLACES = {
    "email": ("email", "marketing"),
    "sms": ("sms", "marketing"),
    "push": ("mobile_push", "marketing"),
    "whatsapp_marketing": ("whatsapp", "marketing"),
    "whatsapp_transactional": ("whatsapp", "transactional"),
}
STATED = (None, "explicitly_reachable", "explicitly_unreachable", "implicitly_reachable")
REACHES = (
    *("explicitly_reachable", "implicitly_reachable", "implicitly_or_explicitly_reachable"),
    *("explicitly_unreachable", "implicitly_unreachable", "implicitly_or_explicitly_unreachable"),
)


@cache
def records() -> list[dict[str, Any]]:
    """A person for each combination of consent, suppression, address and dates."""
    ways = product(
        ("SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED"), MOMENTS, (None, *MOMENTS), (True, False)
    )
    batch = [{"external_id": "silent"}, {"external_id": "named", "email": "named@example.com"}]
    for number, (status, dated, against, has_address) in enumerate(ways):
        for stated in STATED:
            row: dict[str, Any] = {
                "consent": status,
                "consent_timestamp": MOMENTS[dated].isoformat(),
            }
            if against:
                stamp = MOMENTS[against].isoformat()
                row["suppression"] = [{"reason": "USER_SUPPRESSED", "timestamp": stamp}]
            whatsapp = row | ({"reachability": stated} if stated else {})
            key = f"{number}-{len(batch)}"
            subscriptions = {name: {"marketing": row} for name in ("email", "sms", "mobile_push")}
            subscriptions["whatsapp"] = {"marketing": whatsapp, "transactional": whatsapp}
            record: dict[str, Any] = {"external_id": key, "subscriptions": subscriptions}
            if has_address:
                record["email"] = f"{key}@example.com"
                record["phone_number"] = f"+4670{1_000_000 + len(batch)}"
            batch.append(record)
    return batch


@pytest.fixture
def shop(account: Account) -> Account:
    outcome = ingest_profiles(account=account, records=records(), at=AT - timedelta(days=9))
    assert not outcome.rejected
    return account


def consent(channel: str, *, can: bool) -> dict[str, Any]:
    status = "subscribed" if can and channel == "sms" else "any"
    condition = {"channel": channel, "can_receive_marketing": can}
    return {
        "type": "profile-marketing-consent",
        "consent": {**condition, "consent_status": {"subscription": status}},
    }


def matching(account: Account, condition: dict[str, Any]) -> set[str]:
    """The external ids of whom a condition matches, by evaluator and oracle alike."""
    people = all_of(account)
    mask = Evaluation(people, AT).mask(decode(either(condition)))
    names = [people.attribute("external_id").get(i) for i in range(len(people))]
    names_in = {str(name) for name, inside in zip(names, mask.tolist(), strict=True) if inside}
    by_oracle = members(either(condition), World(people=records()), AT)
    assert names_in == {records()[i]["external_id"] for i in by_oracle}
    return names_in


def whatsapp(channel: str) -> set[str]:
    """Who can be written to on WhatsApp, computed here: no condition asks for it."""
    names_in = set()
    for record in records():
        row = record.get("subscriptions", {}).get("whatsapp", {}).get(PLACES[channel][1])
        if row is None or "phone_number" not in record:
            continue
        has_begun = datetime.fromisoformat(row["consent_timestamp"]) <= AT
        by_status = "explicitly_reachable" if row["consent"] == "SUBSCRIBED" else ""
        reach = row.get("reachability", by_status).endswith("_reachable")
        against = [s for s in row.get("suppression", ()) if s["timestamp"] <= AT.isoformat()]
        if has_begun and reach and not against:
            names_in.add(record["external_id"])
    return names_in


def expected(account: Account, channel: str) -> set[str]:
    if channel.startswith("whatsapp"):
        return whatsapp(channel)
    can = matching(account, consent(channel, can=True))
    cannot = matching(account, consent(channel, can=False))
    assert can | cannot == {record["external_id"] for record in records()}
    assert not can & cannot
    return can


def told_by_api(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    api = Api(create_api_key(account=account, name="All")[1])
    address = "/api/profiles?page[size]=100&additional-fields[profile]=subscriptions"
    while address:
        document = json.loads(api.get(address).content)
        for person in document["data"]:
            attributes = person["attributes"]
            yield attributes["external_id"], attributes["subscriptions"]
        address = document["links"]["next"]


def may(subscriptions: dict[str, Any], channel: str) -> bool:
    medium, purpose = PLACES[channel]
    row = subscriptions[medium][purpose]
    (name,) = (name for name in row if name.startswith("can_receive"))
    return bool(row[name])


@time_machine.travel(AT, tick=False)
def test_the_api_says_what_conditions_say(shop: Account) -> None:
    by_person = dict(told_by_api(shop))
    for channel in PLACES:
        names_in = {
            name for name, subscriptions in by_person.items() if may(subscriptions, channel)
        }
        assert names_in == expected(shop, channel), channel
        assert 0 < len(names_in) < len(records())


@time_machine.travel(AT, tick=False)
def test_the_pages_say_what_conditions_say(shop: Account, viewer: User, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    can = {channel: expected(shop, channel) for channel in PLACES}
    people = [row["profile"] for rows in listed(client) for row in rows]
    assert len(people) == len(records())
    for rows in listed(client):
        for row in rows:
            name = row["profile"].external_id
            assert row["email"].reachable == (name in can["email"])
            assert row["sms"].reachable == (name in can["sms"])
    for person in people[::11]:
        page = client.get(f"/profiles/{person.pk}/")
        states = page.context["channel_states"]
        for stand in states:
            assert stand.reachable == (person.external_id in can[stand.channel.value])
        text = page.content.decode()
        assert text.count("Can receive messages") == sum(s.reachable for s in states)
        assert text.count("Cannot receive messages") == sum(not s.reachable for s in states)


def listed(client: Client) -> Iterator[list[dict[str, Any]]]:
    after = "first"
    while after:
        context = client.get("/profiles/", {} if after == "first" else {"after": after}).context
        yield context["rows"]
        after = context["page"].after


def test_the_preview_counts_whom_conditions_find(shop: Account) -> None:
    everyone = decode(
        either(
            {
                "type": "profile-property",
                "property": "external_id",
                "filter": {"type": "existence", "operator": "is-set"},
            }
        )
    )
    reachable = preview(shop, everyone, AT).reachable
    assert reachable == {name: len(expected(shop, name)) for name in ("email", "sms")}


@pytest.mark.parametrize("reach", REACHES)
def test_permissions_are_as_the_oracle_says(shop: Account, reach: str) -> None:
    for channel in ("whatsapp_marketing", "whatsapp_transactional"):
        permission: dict[str, Any] = {"reachable_status": reach}
        condition = {"type": "profile-permissions", "channel": channel, "permission": permission}
        matching(shop, condition)


def test_every_channel_is_compared() -> None:
    assert {channel.value for channel in Channel} == set(PLACES)
