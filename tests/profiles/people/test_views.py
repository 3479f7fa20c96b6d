"""The pages of people, and what all pages share: content, access and number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import List, Profile
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT
from tests.profiles.pages import crowd, fill, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("anna@", {"Anna Lind"}),
        ("ANNA", {"Anna Lind"}),
        ("lin", {"Anna Lind"}),
        ("anna li", {"Anna Lind"}),
        ("lind an", {"Anna Lind"}),
        ("  anna   lind ", {"Anna Lind"}),
        ("anna@example.com x", set()),
        ("A-1", {"Anna Lind"}),
        ("+46 70-123", {"+46701234567"}),
        ("46701", {"+46701234567"}),
        ("nna", set()),
        ("%", set()),
        ("_nna", set()),
        ("", {"Anna Lind", "Bo Ek", "+46701234567"}),
    ],
)
def test_people_are_found_by_how_they_begin(
    words: str, names: set[str], client: Client, people: list[Profile]
) -> None:
    page = text(client, "/profiles/", q=words)
    assert {person.name for person in people if f">{person.name}</a>" in page} == names


def test_the_table_answers_alone_to_htmx(client: Client, people: list[Profile]) -> None:
    response = client.get("/profiles/", {"q": "anna"}, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert page.lstrip().startswith('<section class="card flush" id="people"')
    assert "<html" not in page


def test_people_show_where_they_stand(client: Client, people: list[Profile]) -> None:
    page = text(client, "/profiles/", q="bo")
    assert "Suppressed" in page
    assert "Falun, Sweden" in text(client, "/profiles/", q="anna")


@pytest.mark.parametrize("sort", ["-created", "created", "-last_active", "last_active", "email"])
def test_every_person_is_on_one_page_in_any_order(
    sort: str, client: Client, account: Account, people: list[Profile]
) -> None:
    crowd(account, 110)
    path, seen_people = f"/profiles/?sort={sort}", []
    while path:
        page = client.get(path).context
        seen_people += [row["profile"].pk for row in page["rows"]]
        cursor = page["page"].after
        path = f"/profiles/?sort={sort}&after={cursor}" if cursor else ""
    assert len(seen_people) == len(set(seen_people)) == 113


def test_pages_stay_right_while_people_are_added(client: Client, account: Account) -> None:
    crowd(account, 60)
    first = client.get("/profiles/").context
    crowd(account, 20, start=60)
    second = client.get("/profiles/", {"after": first["page"].after}).context
    back = client.get("/profiles/", {"before": second["page"].before}).context
    ids_by_page = [[row["profile"].pk for row in page["rows"]] for page in (first, second, back)]
    assert len(ids_by_page[1]) == 10
    assert not set(ids_by_page[0]) & set(ids_by_page[1])
    assert ids_by_page[2] == ids_by_page[0]
    assert back["page"].before  # the twenty newer ones


@pytest.mark.parametrize("cursor", ["nonsense", "e30:AAAA", "é"])
def test_a_broken_cursor_means_the_first_page(
    cursor: str, client: Client, people: list[Profile]
) -> None:
    assert len(client.get("/profiles/", {"after": cursor}).context["rows"]) == 3


def test_a_cursor_of_another_order_means_the_first_page(client: Client, account: Account) -> None:
    crowd(account, 60)
    cursor = client.get("/profiles/").context["page"].after
    page = client.get("/profiles/", {"sort": "email", "after": cursor}).context
    assert page["rows"][0]["profile"].email == "p000@example.com"


def test_a_person_s_page_says_what_is_known(client: Client, people: list[Profile]) -> None:
    anna = people[0]
    page = text(client, f"/profiles/{anna.pk}/")
    for part in (
        "anna@example.com",
        "Falun, Sweden",
        "Favourite colour",
        "blue",
        "12.5",
        "Newsletter",
        "Placed Order",
        "Europe/Stockholm",
        "form",
        "Times in",
    ):
        assert part in page
    # 23:30 UTC is half past midnight of the next day in the account's zone.
    assert "Monday 2 February 2026" in page
    assert "Tuesday 3 February 2026" in page
    assert "Sunday 1 February 2026" not in page
    assert "00:30" in page


def test_a_suppression_is_told_with_its_reason(client: Client, people: list[Profile]) -> None:
    assert "Hard bounce" in text(client, f"/profiles/{people[1].pk}/")


def test_a_person_without_anything_has_a_page(client: Client, people: list[Profile]) -> None:
    page = text(client, f"/profiles/{people[2].pk}/")
    assert "Nothing has happened yet" in page
    assert "On no list" in page


def test_a_timeline_goes_back_piece_by_piece_and_by_metric(
    client: Client, account: Account, people: list[Profile]
) -> None:
    visits = [
        {
            "metric": "Visit",
            "time": (AT - timedelta(minutes=number)).isoformat(),
            "unique_id": str(number),
            "profile": {"email": "anna@example.com"},
        }
        for number in range(60)
    ]
    ingest_events(account=account, records=visits, at=AT)
    path = f"/profiles/{people[0].pk}/"
    first = client.get(path).context
    cursor = first["events"].after
    more = client.get(f"{path}events", {"after": cursor, "day": first["last_day"]})
    assert len(first["events"].rows) == 50
    assert len(more.context["events"].rows) == 12
    assert more.content.decode().count("<h3") == 2  # the first day is shown already
    orders = next(one for one in first["activity"] if one.metric.name == "Placed Order")
    only = client.get(path, {"metric": orders.metric.key}).context["events"].rows
    assert {event.metric.name for event in only} == {"Placed Order"}
    assert len(only) == orders.events == 2
    assert client.get(path, {"metric": "nonono"}).status_code == 404


def test_the_id_of_a_merged_profile_leads_to_the_one_that_is_left(
    client: Client, people: list[Profile]
) -> None:
    anna, bo, _phone = people
    compared = text(client, f"/profiles/{anna.pk}/merge", **{"with": str(bo.pk)})
    assert "anna@example.com" in compared
    assert "bo@example.com" in compared
    done = client.post(f"/profiles/{anna.pk}/merge", {"drop": bo.pk})
    assert done["Location"] == f"/profiles/{anna.pk}/"
    assert client.get(f"/profiles/{bo.pk}/")["Location"] == f"/profiles/{anna.pk}/"
    assert Profile.objects.count() == 2
    again = client.post(f"/profiles/{anna.pk}/merge", {"drop": bo.pk}, follow=True)
    assert "cannot be merged with itself" in again.content.decode()


def test_the_other_profile_is_searched_for(client: Client, people: list[Profile]) -> None:
    page = text(client, f"/profiles/{people[0].pk}/merge", q="bo@")
    assert f"?with={people[1].pk}" in page
    assert "Nobody found" in text(client, f"/profiles/{people[0].pk}/merge", q="anna@")


def test_the_search_finds_people_lists_and_metrics(
    client: Client, people: list[Profile], newsletter: List
) -> None:
    assert "Anna Lind" in text(client, "/search", q="anna")
    assert "Newsletter" in text(client, "/search", q="letter")
    assert "Placed Order" in text(client, "/search", q="order")
    partial = client.get("/search", {"q": "anna"}, headers={"HX-Request": "true"})
    assert partial.content.decode().startswith('<div data-query="anna">')


@pytest.mark.parametrize(("path", "queries"), [("/profiles/", 14)])
def test_the_list_of_people_asks_the_database_no_more_often_for_many_than_for_few(
    path: str,
    queries: int,
    client: Client,
    account: Account,
    people: list[Profile],
    newsletter: List,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client.get(path)
    with django_assert_max_num_queries(queries):
        client.get(path)
    fill(account, newsletter)
    client.get(path)
    with django_assert_max_num_queries(queries):
        client.get(path)


def test_a_person_s_page_costs_the_same_however_much_they_did(
    client: Client,
    account: Account,
    people: list[Profile],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for person in people:
        with django_assert_max_num_queries(21):
            client.get(f"/profiles/{person.pk}/")


XSS = "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>"


def test_names_and_properties_are_never_markup(client: Client, account: Account) -> None:
    person = {
        "email": "x@example.com",
        "first_name": XSS,
        "external_id": XSS,
        "location": {"city": XSS, "country": XSS},
        "properties": {XSS: XSS, "list": [XSS], "object": {XSS: XSS}},
        "lists": [{"name": XSS}],
    }
    outcome = ingest_profiles(account=account, records=[person], at=AT)
    event = {
        "metric": XSS,
        "time": AT.isoformat(),
        "properties": {XSS: XSS},
        "profile": {"email": "x@example.com"},
    }
    ingest_events(account=account, records=[event], at=AT)
    group = List.objects.get()
    metric = client.get("/metrics/").context["rows"][0]["metric"]
    person_path = f"/profiles/{outcome.profile_ids[0]}/"
    for path in (
        "/profiles/",
        person_path,
        f"{person_path}merge?q=x@",
        "/lists/",
        f"/lists/{group.key}/",
        "/metrics/",
        f"/metrics/{metric.key}/",
        "/search?q=<script>",
    ):
        page = text(client, path)
        assert "<script>alert" not in page, path
        assert "<img" not in page, path
        assert "&lt;script&gt;alert" in page or path.startswith("/search"), path
