"""The pages of metrics: content and number of queries."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from profiles.models import List, Profile
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT
from tests.profiles.pages import fill, text

pytestmark = pytest.mark.django_db


def test_metrics_are_counted_after_the_page_is_there(client: Client, people: list[Profile]) -> None:
    page = text(client, "/metrics/")
    assert "Placed Order" in page
    assert 'hx-get="/metrics/?numbers"' in page
    answer = client.get("/metrics/?numbers", headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith("<tbody>")
    numbers = answer.context["rows"][0]["numbers"]
    assert (numbers.events, numbers.people, numbers.received) == (2, 1, AT)


def test_a_metric_shows_its_latest_events_and_their_properties(
    client: Client, people: list[Profile]
) -> None:
    key = client.get("/metrics/").context["rows"][0]["metric"].key
    page = text(client, f"/metrics/{key}/")
    for part in ("Anna Lind", "Items", "Discount", "0.1", "number"):
        assert part in page
    assert "<strong" not in text(client, f"/metrics/{key}/", numbers="")


@pytest.mark.parametrize(("path", "queries"), [("/metrics/?numbers", 5)])
def test_metrics_ask_the_database_as_often_for_many_as_for_few(
    path: str,
    queries: int,
    client: Client,
    account: Account,
    people: list[Profile],
    newsletter: List,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(queries):
        client.get(path)
    fill(account, newsletter)
    with django_assert_num_queries(queries):
        client.get(path)
