"""The settings pages: account, team, API keys and oneself."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from pytest_django import DjangoAssertNumQueries

from segmenter.accounts.invitations import invite
from segmenter.accounts.models import (
    Account,
    ApiKey,
    Role,
    Seat,
    User,
    create_api_key,
    find_api_key,
)
from segmenter.accounts.team import change_role, remove_from_team
from segmenter.kernel.errors import Conflict
from tests.fixtures.cast import AT, PASSWORD, SignIn, seat

pytestmark = pytest.mark.django_db


def once(page: str) -> str:
    """The secret that a page shows once."""
    match = re.search(r'value="([^"]+)"\s+id="secret"', page)
    assert match is not None
    return match[1]


def test_an_owner_names_the_account_and_moves_its_days(owner: User, sign_in: SignIn) -> None:
    client = sign_in(owner)
    form = {"name": "Better shop", "time_zone": "Europe/Warsaw"}
    assert client.post("/settings/account", form).status_code == 302
    account = Account.objects.get(slug="shop")
    assert (account.name, account.time_zone) == ("Better shop", "Europe/Warsaw")
    refused = client.post("/settings/account", {"name": "", "time_zone": "Mars/Base"})
    assert refused.status_code == 200
    assert refused.content.decode().count('class="error"') == 2
    assert Account.objects.get(slug="shop").name == "Better shop"


def test_roles_change_and_people_leave(owner: User, viewer: User, sign_in: SignIn) -> None:
    client, seat_id = sign_in(owner), viewer.seats.get().pk
    assert client.post(f"/settings/team/{seat_id}/role", {"role": "marketer"}).status_code == 302
    assert viewer.seats.get().role == Role.MARKETER
    assert client.post(f"/settings/team/{seat_id}/role", {"role": "emperor"}).status_code == 404
    theirs = sign_in(viewer)
    assert client.post(f"/settings/team/{seat_id}/remove").status_code == 302
    assert not viewer.seats.exists()
    assert theirs.get("/profiles/").status_code == 403


def test_the_last_owner_stays(owner: User, viewer: User, account: Account) -> None:
    seat_id = owner.seats.get().pk
    for role in (Role.MARKETER, Role.VIEWER):
        with pytest.raises(Conflict):
            change_role(account=account, seat_id=seat_id, role=role, at=AT)
    with pytest.raises(Conflict):
        remove_from_team(account=account, seat_id=seat_id, at=AT)
    change_role(account=account, seat_id=viewer.seats.get().pk, role=Role.OWNER, at=AT)
    remove_from_team(account=account, seat_id=seat_id, at=AT)
    assert list(account.seats.values_list("user__email", "role")) == [(viewer.email, "owner")]


def test_the_last_owner_is_told_why(owner: User, sign_in: SignIn) -> None:
    path = f"/settings/team/{owner.seats.get().pk}/remove"
    page = sign_in(owner).post(path, follow=True)
    assert "at least one owner" in page.content.decode()


def test_a_key_is_shown_once_and_works_until_it_is_revoked(owner: User, sign_in: SignIn) -> None:
    client = sign_in(owner)
    form = {"name": "Shop's server", "scopes": ["events:write", "profiles:read"]}
    page = client.post("/settings/api-keys", form)
    assert "no-store" in page["Cache-Control"]
    secret = once(page.content.decode())
    key = find_api_key(secret)
    assert key is not None
    assert key.scopes == ["events:write", "profiles:read"]
    assert key.account.slug == "shop"
    assert secret not in client.get("/settings/api-keys").content.decode()
    assert client.post(f"/settings/api-keys/{key.pk}/revoke").status_code == 302
    assert find_api_key(secret) is None
    first = ApiKey.objects.get().revoked
    client.post(f"/settings/api-keys/{key.pk}/revoke")
    assert ApiKey.objects.get().revoked == first


@pytest.mark.parametrize(
    "form", [{"name": "x"}, {"name": "x", "scopes": ["everything"]}, {"scopes": ["events:write"]}]
)
def test_a_key_needs_a_name_and_scopes_that_exist(
    form: dict[str, object], owner: User, sign_in: SignIn
) -> None:
    page = sign_in(owner).post("/settings/api-keys", form)
    assert 'class="error"' in page.content.decode()
    assert not ApiKey.objects.exists()


def test_a_key_of_another_account_cannot_be_revoked(
    owner: User, other_account: Account, sign_in: SignIn
) -> None:
    key, secret = create_api_key(account=other_account, name="theirs")
    assert sign_in(owner).post(f"/settings/api-keys/{key.pk}/revoke").status_code == 404
    assert find_api_key(secret) is not None


def test_everyone_sets_their_own_name_and_language(viewer: User, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    response = client.post("/settings/me", {"name": "Vera", "language": "pl"})
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "pl"
    viewer.refresh_from_db()
    assert (viewer.name, viewer.language) == ("Vera", "pl")
    assert client.post("/settings/me", {"name": "Vera", "language": "xx"}).status_code == 200


def test_a_password_changes_with_the_old_one_and_other_browsers_are_signed_out(
    viewer: User, sign_in: SignIn
) -> None:
    here, there = sign_in(viewer), sign_in(viewer)
    form = {"new_password1": "another long secret", "new_password2": "another long secret"}
    wrong = here.post("/settings/me", {"old_password": "wrong", **form})
    assert 'class="error"' in wrong.content.decode()
    assert here.post("/settings/me", {"old_password": PASSWORD, **form}).status_code == 302
    assert here.get("/settings/me").status_code == 200
    assert there.get("/settings/me").status_code == 302
    assert User.objects.get(pk=viewer.pk).check_password("another long secret")


def test_people_move_between_their_own_accounts_only(
    viewer: User, account: Account, other_account: Account, sign_in: SignIn
) -> None:
    client = sign_in(viewer)
    assert client.post("/account/switch", {"account": "elsewhere"}).status_code == 404
    Seat.objects.create(user=viewer, account=other_account, role=Role.OWNER)
    client.post("/account/switch", {"account": "shop"})
    assert client.get("/settings/team").status_code == 403
    assert client.post("/account/switch", {"account": "elsewhere"}).status_code == 302
    assert client.get("/settings/team").status_code == 200
    assert client.get("/account/switch").status_code == 405


def test_someone_without_a_seat_is_told_so(db: None, sign_in: SignIn) -> None:
    page = sign_in(User.objects.create_user("alone@example.com", PASSWORD)).get("/profiles/")
    assert page.status_code == 403
    assert "no account yet" in page.content.decode()


def test_the_language_of_a_browser_and_its_person(viewer: User, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    response = client.post("/language", {"language": "sv", "next": "/lists/"})
    assert response["Location"] == "/lists/"
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "sv"
    viewer.refresh_from_db()
    assert viewer.language == "sv"
    client.post("/language", {"language": "xx"})
    viewer.refresh_from_db()
    assert viewer.language == "sv"
    assert client.post("/language", {"language": "pl", "next": "//evil.example"})["Location"] == "/"


def test_a_team_page_asks_the_database_as_often_for_many_as_for_one(
    owner: User,
    account: Account,
    sign_in: SignIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = sign_in(owner)
    with django_assert_num_queries(6):
        client.get("/settings/team")
    for number in range(5):
        seat(account, Role.VIEWER, f"viewer{number}@example.com")
        email = f"guest{number}@example.com"
        invite(account=account, email=email, role=Role.VIEWER, by=owner, at=AT)
    with django_assert_num_queries(6):
        client.get("/settings/team")
