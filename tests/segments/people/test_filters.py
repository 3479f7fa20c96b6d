"""The list of people filtered by conditions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from profiles.models import List, Metric, Profile
from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.builders.definitions import Json, both, of_country
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn
from tests.live.steps import did, events, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop_people(account: Account) -> None:
    """Anna ordered, lives in Sweden, reads the newsletter; Bo lives in Poland; Cid is new."""
    consent = {"email": {"marketing": {"consent": "SUBSCRIBED"}}}
    people(
        account,
        AT,
        {
            "external_id": "anna",
            "email": "anna@example.com",
            "location": {"country": "Sweden"},
            "lists": [{"name": "Newsletter"}],
            "subscriptions": consent,
            "created": "2025-01-01T00:00:00Z",
        },
        {
            "external_id": "bo",
            "location": {"country": "Poland"},
            "created": "2025-01-01T00:00:00Z",
        },
        {"external_id": "cid"},
    )
    events(account, AT, did("Placed Order", "anna", AT))


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


Ask = Callable[..., set[str]]


@pytest.fixture
def ask(client: Client, shop_people: None) -> Ask:
    """The external ids of who is shown for some parameters."""

    def external_ids(**parameters: str) -> set[str]:
        with time_machine.travel(AT, tick=False):
            response = client.get("/profiles/", parameters)
        assert response.status_code == 200
        names = {row["profile"].external_id for row in response.context["rows"]}
        assert response.context["total"] == len(names)
        return names

    return external_ids


def test_quick_filters_are_conditions(ask: Ask, account: Account) -> None:
    newsletter = List.objects.get(account=account, name="Newsletter").key
    assert ask() == {"anna", "bo", "cid"}
    assert ask(country="Sweden") == {"anna"}
    assert ask(country="Norway") == set()
    assert ask(ordered="yes") == {"anna"}
    assert ask(ordered="no") == {"bo", "cid"}
    assert ask(can="email") == {"anna"}
    assert ask(can="sms") == set()
    assert ask(created="30") == {"cid"}
    assert ask(group=newsletter) == {"anna"}
    assert ask(group=f"-{newsletter}") == {"bo", "cid"}
    assert ask(ordered="no", created="30") == {"cid"}
    assert ask(ordered="no", q="bo") == {"bo"}


def test_a_segment_is_a_filter_too(ask: Ask, account: Account) -> None:
    bo = Profile.objects.get(external_id="bo")
    segment = new_segment(account, "Some", bo.pk)
    assert ask(group=segment.key) == {"bo"}


def test_any_definition_is_a_filter(ask: Ask) -> None:
    swedes = json.dumps(both(of_country("Sweden")))
    assert ask(definition=swedes) == {"anna"}
    assert ask(definition=swedes, ordered="no") == set()


def test_conditions_are_said_in_words(ask: Ask) -> None:
    assert ask(say="People who have done Placed Order at least once over all time.") == {"anna"}
    assert ask(say="People whose country is “Poland”.", ordered="no") == {"bo"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"say": "who wear a green hat"},
        {"group": "nobody"},
        {"can": "smoke"},
        {"ordered": "maybe"},
        {"created": "-1"},
        {"created": "²"},
        {"definition": "{"},
        {"definition": "[]"},
        {"definition": '{"condition_groups": 5}'},
        {"definition": '{"condition_groups": []}'},
        {"definition": '{"condition_groups": [{"conditions": [{"type": "x"}]}]}'},
        {"definition": "[" * 5000},
    ],
)
def test_a_filter_that_cannot_be_read_shows_nobody(
    client: Client, shop_people: None, parameters: Json
) -> None:
    response = client.get("/profiles/", parameters)
    assert response.status_code == 200
    assert not response.context["rows"]
    assert 'role="alert"' in response.content.decode()


def test_a_list_of_another_account_is_none(
    client: Client, shop_people: None, other_account: Account
) -> None:
    theirs = List.objects.create(account=other_account, name="Theirs", created=AT, updated=AT)
    assert not client.get("/profiles/", {"group": theirs.key}).context["rows"]


def test_what_is_filtered_becomes_a_segment(client: Client, shop_people: None) -> None:
    page = client.get("/profiles/", {"country": "Sweden", "ordered": "yes"})
    link = next(
        part for part in page.content.decode().split('"') if part.startswith("/segments/new?")
    )
    definition: Any = json.loads(parse_qs(urlparse(link).query)["definition"][0])
    metric = Metric.objects.get(name="Placed Order").key
    first, second = (group["conditions"][0] for group in definition["condition_groups"])
    assert first["filter"]["value"] == "Sweden"
    assert second["metric_id"] == metric
    assert client.get(link).status_code == 200
    assert not Segment.objects.exists()


def test_viewers_filter_but_make_no_segments(
    viewer: User, sign_in: SignIn, shop_people: None
) -> None:
    page = sign_in(viewer).get("/profiles/", {"country": "Sweden"})
    assert len(page.context["rows"]) == 1
    assert "Save as segment" not in page.content.decode()


def test_pages_keep_the_filter(client: Client, account: Account) -> None:
    people(
        account,
        AT,
        *({"external_id": f"p{n}", "location": {"country": "Sweden"}} for n in range(60)),
    )
    first = client.get("/profiles/", {"country": "Sweden"})
    assert "1–50 of 60" in " ".join(first.content.decode().split())
    assert "country=Sweden" in first.context["query"]
    second = client.get(
        "/profiles/?" + first.context["query"], {"after": first.context["page"].after}
    )
    assert len(second.context["rows"]) == 10


def test_a_filter_costs_the_same_queries_for_any_number(
    client: Client, account: Account, shop_people: None
) -> None:
    def queries() -> int:
        client.get("/profiles/", {"country": "Sweden"})
        with CaptureQueriesContext(connection) as captured:
            client.get("/profiles/", {"country": "Sweden"})
        return len(captured)

    before = queries()
    people(
        account,
        AT,
        *({"external_id": f"p{n}", "location": {"country": "Sweden"}} for n in range(40)),
    )
    assert queries() == before <= 22
