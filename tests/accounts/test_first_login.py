"""The first login of an installation, and what an operator does for people: one-time links."""

from __future__ import annotations

import io
import re
from threading import Barrier, Thread

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from segmenter.accounts.invitations import Invitation
from segmenter.accounts.models import Account, Seat, User
from segmenter.accounts.set_up import SetUp, print_set_up_link, set_up, set_up_secret
from segmenter.kernel.errors import Conflict
from tests.accounts import links
from tests.fixtures.cast import AT, PASSWORD, SignIn

pytestmark = pytest.mark.django_db

ANNA = "anna@shop.example"
MINE = "only Anna knows this"
SHOP = {
    "shop": "Annas Butik",
    "time_zone": "Europe/Stockholm",
    "email": "Anna@Shop.example",
    **links.new_person(MINE),
}


def output_of(*command: str) -> list[str]:
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue().splitlines()


def link_in(lines: list[str]) -> str:
    """The path and secret of the link that a command printed."""
    match = re.search(r"(/[a-z-]+#\S+)", "\n".join(lines))
    assert match is not None
    return match[1]


def test_an_account_s_first_owner_comes_by_the_link_that_the_terminal_shows() -> None:
    link = link_in(output_of("create_account", "shop", "--owner", "Anna@Shop.example"))
    assert Account.objects.get().slug == "shop"
    assert not Seat.objects.exists()
    anna = Client()
    assert links.answer(anna, link, **links.new_person(MINE))["Location"] == "/"
    assert links.seats_of(ANNA) == {("shop", "owner")}
    assert anna.get("/settings/team").status_code == 200
    assert links.signed_in(ANNA, MINE) is not None


def test_an_account_without_an_owner_says_how_to_get_one() -> None:
    assert "create_user EMAIL --account shop --role owner" in output_of("create_account", "shop")[1]


def test_no_account_is_made_for_an_owner_who_cannot_be_invited() -> None:
    with pytest.raises(CommandError, match="email address"):
        call_command("create_account", "shop", "--owner", "nonsense")
    assert not Account.objects.exists()


def test_somebody_gets_a_sign_in_without_a_seat() -> None:
    anna = Client()
    links.answer(anna, link_in(output_of("create_user", ANNA)), **links.new_person(MINE))
    assert links.seats_of(ANNA) == set()
    assert "no account yet" in anna.get("/profiles/").content.decode()


def test_another_link_of_the_operator_voids_the_first(account: Account) -> None:
    for arguments in ((), ("--account", "shop")):
        first, second = (link_in(output_of("create_user", ANNA, *arguments)) for _time in range(2))
        assert links.open_link(Client(), first).status_code == 422
        assert links.open_link(Client(), second).status_code == 302
    assert Invitation.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nonsense",), "email address"),
        (("owner@example.com",), "has a sign-in already"),
        (("owner@example.com", "--account", "shop"), "in the team already"),
        (("x@example.com", "--account", "nothing"), "no account 'nothing'"),
        (("x@example.com", "--role", "owner"), "--account is missing"),
    ],
)
def test_a_user_who_cannot_be_made_is_refused_with_the_reason(
    arguments: tuple[str, ...], words: str, owner: User
) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("create_user", *arguments)
    assert not Invitation.objects.exists()


def test_a_forgotten_password_is_replaced_by_its_person_alone(owner: User, sign_in: SignIn) -> None:
    there = sign_in(owner)
    link = link_in(output_of("reset_password", owner.email.upper()))
    # At once, so that somebody who knows the old password cannot go on.
    assert there.get("/profiles/").status_code == 302
    assert links.signed_in(owner.email) is None
    client = Client()
    assert links.open_link(client, link)["Location"] == "/reset-password/new"
    bad = client.post("/reset-password/new", {"new_password1": "x", "new_password2": "x"})
    assert bad.status_code == 422
    form = {"new_password1": MINE, "new_password2": MINE}
    assert client.post("/reset-password/new", form)["Location"] == "/"
    assert client.get("/profiles/").status_code == 200
    assert links.signed_in(owner.email, MINE) is not None
    assert links.open_link(Client(), link).status_code == 422


def test_a_link_for_a_password_that_was_opened_twice_sets_one(owner: User) -> None:
    link = link_in(output_of("reset_password", owner.email))
    first, second = Client(), Client()
    for client in (first, second):
        links.open_link(client, link)
    for client, password, status in ((first, MINE, 302), (second, PASSWORD, 404)):
        form = {"new_password1": password, "new_password2": password}
        assert client.post("/reset-password/new", form).status_code == status
    assert links.signed_in(owner.email, MINE) is not None


def test_a_link_for_a_password_works_for_a_day(owner: User) -> None:
    with time_machine.travel(AT, tick=False) as clock:
        link = link_in(output_of("reset_password", owner.email))
        clock.shift(86_400)
        assert links.open_link(Client(), link).status_code == 302
        clock.shift(1)
        assert links.open_link(Client(), link).status_code == 422


@pytest.mark.parametrize("secret", ["1.x", "x", "1", ".", "9" * 40 + ".x", "²." + "a-b", "1.a-b"])
def test_a_made_up_link_for_a_password_opens_nothing(secret: str, owner: User) -> None:
    assert links.open_link(Client(), f"/reset-password#{secret}").status_code == 422
    assert Client().get("/reset-password/new").status_code == 404


@pytest.mark.parametrize("email", ["nobody@example.com", "inactive@example.com"])
def test_there_is_no_password_to_reset_of_nobody(email: str) -> None:
    User.objects.create_user("inactive@example.com", PASSWORD, is_active=False)
    with pytest.raises(CommandError, match="was not found"):
        call_command("reset_password", email)


def test_an_owner_has_no_way_to_a_person_s_password(
    owner: User, viewer: User, sign_in: SignIn
) -> None:
    client, before = sign_in(owner), User.objects.get(pk=viewer.pk).password
    assert client.post(f"/settings/team/{viewer.seats.get().pk}/password").status_code == 404
    assert User.objects.get(pk=viewer.pk).password == before


@pytest.mark.parametrize("arguments", [(), ("--noinput", "--email", ANNA)])
def test_createsuperuser_refuses_in_words_that_help(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="create_account SLUG --owner EMAIL"):
        call_command("createsuperuser", *arguments)
    with pytest.raises(Conflict, match="create_user EMAIL --account SLUG --role owner"):
        User.objects.create_superuser(ANNA, MINE)
    assert not User.objects.exists()


def test_an_installation_without_users_leads_to_its_set_up() -> None:
    page = Client().get("/", follow=True)
    assert [path for path, _status in page.redirect_chain][-1] == "/set-up"
    assert "manage.py setup_link" in page.content.decode()


def test_whoever_reads_the_terminal_sets_the_installation_up() -> None:
    client = Client()
    link = link_in(output_of("setup_link"))
    assert links.open_link(client, link)["Location"] == "/set-up/shop"
    assert client.post("/set-up/shop", SHOP)["Location"] == "/"
    account = Account.objects.get()
    assert (account.slug, account.name) == ("annas-butik", "Annas Butik")
    assert account.time_zone == "Europe/Stockholm"
    assert links.seats_of(ANNA) == {("annas-butik", "owner")}
    assert client.get("/segments/").status_code == 200
    assert links.signed_in(ANNA, MINE) is not None


def test_the_set_up_closes_for_good_when_there_is_a_user() -> None:
    link = link_in(output_of("setup_link"))
    late = Client()
    links.open_link(late, link)
    User.objects.create_user("first@example.com", PASSWORD)
    assert late.post("/set-up/shop", SHOP)["Location"] == "/set-up"
    assert Client().get("/set-up")["Location"] == "/"
    assert Client().post("/set-up", {"link": link})["Location"] == "/"
    assert Client().get("/sign-in").status_code == 200
    with pytest.raises(CommandError, match="has users already"):
        call_command("setup_link")
    assert set_up_secret() is None
    assert not Account.objects.exists()


def test_nobody_sets_up_without_the_link() -> None:
    output_of("setup_link")
    client = Client()
    assert client.get("/set-up/shop")["Location"] == "/set-up"
    assert client.post("/set-up/shop", SHOP)["Location"] == "/set-up"
    for secret in ("", "x", "é", SetUp.objects.get().nonce):
        assert client.post("/set-up", {"link": secret}).status_code == 422
    assert client.post("/set-up/shop", SHOP)["Location"] == "/set-up"
    assert not Account.objects.exists()


def test_every_process_knows_the_same_link_and_another_database_another() -> None:
    first = set_up_secret()
    assert set_up_secret() == first
    assert first is not None
    SetUp.objects.all().delete()
    assert set_up_secret() != first


def test_another_secret_key_makes_another_link(settings: Settings) -> None:
    first = set_up_secret()
    settings.SECRET_KEY = "another"
    assert set_up_secret() != first


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shop", ""),
        ("time_zone", "Mars/Base"),
        ("email", "nonsense"),
        ("name", ""),
        ("new_password1", "another one"),
        ("shop", "x" * 121),
    ],
)
def test_what_cannot_be_set_up_is_refused_at_its_field(field: str, value: str) -> None:
    client = Client()
    links.open_link(client, link_in(output_of("setup_link")))
    page = client.post("/set-up/shop", {**SHOP, field: value})
    assert page.status_code == 422
    assert 'class="error"' in page.content.decode()
    assert not Account.objects.exists()
    assert client.post("/set-up/shop", SHOP).status_code == 302


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Shop", "shop-3"),
        ("店", "shop-3"),
        ("  ÅÄÖ & Söner! ", "aao-soner"),
        ("_-_", "shop-3"),
        ("x" * 120, "x" * 50),
    ],
)
def test_a_shop_s_name_makes_a_slug_that_nobody_has(name: str, slug: str) -> None:
    for nickname in ("shop", "shop-2"):
        Account.objects.create(slug=nickname, name=nickname)
    set_up_secret()
    seat = set_up(shop=name, time_zone="UTC", name="Anna", email=ANNA, password=MINE)
    assert seat.account.slug == slug


@pytest.mark.django_db(transaction=True)
def test_set_up_twice_at_once_makes_one_shop() -> None:
    set_up_secret()
    together, outcomes = Barrier(2), []

    def take(number: int) -> None:
        together.wait(10)
        try:
            set_up(
                shop=f"Shop {number}",
                time_zone="UTC",
                name="Anna",
                email=f"anna{number}@example.com",
                password=MINE,
            )
            outcomes.append("set up")
        except Conflict:
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [Thread(target=take, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["set up", "too late"]
    assert Account.objects.count() == User.objects.count() == 1


@pytest.mark.parametrize(
    ("origins", "hosts", "local", "link"),
    [
        (["https://segments.example.com"], [], False, "https://segments.example.com/set-up#"),
        (["https://*.example.com"], ["a.example.com"], False, "https://a.example.com/set-up#"),
        (["http://10.0.0.5:8080"], [], True, "http://10.0.0.5:8080/set-up#"),
        ([], ["localhost", "seg.example"], False, "https://seg.example/set-up#"),
        ([], [".example.com", "*"], False, "/set-up#"),
        ([], ["localhost", "127.0.0.1"], True, "/set-up#"),
    ],
)
def test_a_printed_link_begins_with_the_address_that_the_settings_know(
    origins: list[str], hosts: list[str], local: bool, link: str, settings: Settings
) -> None:
    settings.CSRF_TRUSTED_ORIGINS, settings.ALLOWED_HOSTS = origins, hosts
    settings.INSECURE_LOCAL = local
    lines = output_of("setup_link")
    assert lines[0].startswith(link)
    assert (len(lines) == 2) == link.startswith("/")


@pytest.mark.django_db(transaction=True)
def test_web_prints_the_link_while_nobody_can_sign_in(capsys: pytest.CaptureFixture[str]) -> None:
    link = link_in(output_of("setup_link"))
    print_set_up_link()
    assert link in capsys.readouterr().err
    User.objects.create_user("first@example.com", PASSWORD)
    print_set_up_link()
    assert capsys.readouterr().err == ""
