"""The pages of lists: content, changes and number of queries."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from profiles.lists.editing import add_to_list, create_list, uses
from profiles.models import Cause, List, ListMember, Profile, ProfileChange
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT
from tests.profiles.pages import fill, text

pytestmark = pytest.mark.django_db


def test_a_list_is_made_renamed_and_deleted(client: Client, account: Account) -> None:
    answer = client.post("/lists/new", {"name": "  Friends "})
    friends = List.objects.get(name="Friends")
    assert answer["Location"] == f"/lists/{friends.key}/"
    client.post(f"/lists/{friends.key}/rename", {"name": "Good friends"})
    assert "Good friends" in text(client, "/lists/")
    client.post(f"/lists/{friends.key}/delete")
    assert not List.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "Newsletter"])
def test_a_bad_name_for_a_list_is_refused_at_its_field(
    name: str, client: Client, newsletter: List, account: Account
) -> None:
    other = create_list(account=account, name="Other", at=AT)
    for path in ("/lists/new", f"/lists/{other.key}/rename"):
        response = client.post(path, {"name": name})
        assert response.status_code == 422
        assert 'id="list-name-error"' in response.content.decode()
    assert set(List.objects.values_list("name", flat=True)) == {"Newsletter", "Other"}


def test_a_list_has_its_people(client: Client, newsletter: List, people: list[Profile]) -> None:
    page = client.get(f"/lists/{newsletter.key}/").context
    assert (page["total"], [row["profile"].name for row in page["rows"]]) == (1, ["Anna Lind"])
    assert client.get(f"/lists/{newsletter.key}/", {"q": "bo"}).context["total"] == 0
    assert client.get("/lists/").context["lists"][0].size == 1


def test_people_are_put_on_a_list_and_taken_off(
    client: Client, newsletter: List, people: list[Profile]
) -> None:
    path = f"/lists/{newsletter.key}"
    for who in ("BO@example.com", "+46 70 123 45 67", "bo@example.com"):
        client.post(f"{path}/add", {"who": who})
    assert ListMember.objects.filter(list=newsletter).count() == 3
    nobody = client.post(f"{path}/add", {"who": "nobody@example.com"}, follow=True)
    assert "Nobody here" in nobody.content.decode()
    ProfileChange.objects.all().delete()
    client.post(f"{path}/remove", {"profile": people[1].pk})
    client.post(f"{path}/remove", {"profile": people[1].pk})
    change = ProfileChange.objects.get()
    assert (change.profile_id, change.cause) == (people[1].pk, Cause.LIST)
    assert change.facts == [f"group:{newsletter.key}"]
    assert ListMember.objects.filter(list=newsletter).count() == 2


def test_a_person_s_lists_change_on_their_page(
    client: Client, newsletter: List, people: list[Profile]
) -> None:
    path = f"/profiles/{people[1].pk}/lists"
    client.post(path, {"add": newsletter.key})
    assert ListMember.objects.filter(profile=people[1]).count() == 1
    client.post(path, {"remove": newsletter.key})
    assert not ListMember.objects.filter(profile=people[1]).exists()
    assert client.post(path, {"add": "nonono"}).status_code == 404


def test_deleting_a_list_tells_of_everyone_who_was_on_it(
    client: Client, newsletter: List, people: list[Profile], account: Account
) -> None:
    ids = [person.pk for person in people]
    add_to_list(account=account, key=newsletter.key, profile_ids=ids, at=AT)
    ProfileChange.objects.all().delete()
    client.post(f"/lists/{newsletter.key}/delete")
    assert set(ProfileChange.objects.values_list("profile_id", flat=True)) == set(ids)


def test_a_list_in_use_cannot_be_deleted(
    client: Client, newsletter: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "_entries", {"test": lambda account_id, key: ["Readers"]})
    page = client.post(f"/lists/{newsletter.key}/delete", follow=True).content.decode()
    assert "This list is still in use: Readers." in page
    assert List.objects.filter(pk=newsletter.pk).exists()


@pytest.mark.parametrize(("path", "queries"), [("/lists/", 4), ("/lists/{list}/", 11)])
def test_pages_of_lists_ask_the_database_as_often_for_many_as_for_few(
    path: str,
    queries: int,
    client: Client,
    account: Account,
    people: list[Profile],
    newsletter: List,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    path = path.format(list=newsletter.key)
    with django_assert_num_queries(queries):
        client.get(path)
    fill(account, newsletter)
    with django_assert_num_queries(queries):
        client.get(path)
