"""Seats by invitation: only who has the link gets the seat, and no link sets another's password."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from segmenter.accounts.invitations import Invitation, accept_as_new_user, invite
from segmenter.accounts.models import Account, Role, Seat, User
from segmenter.kernel.errors import Conflict, Invalid, NotFound
from segmenter.kernel.keys import digest
from tests.accounts import links
from tests.accounts.invitations import ANNA, MINE, THEIRS, shop
from tests.fixtures.cast import AT, PASSWORD, SignIn, seat

__all__ = ["shop"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(stranger: User, sign_in: SignIn) -> Client:
    """The browser of the other shop's owner."""
    return sign_in(stranger)


def test_an_owner_never_sees_a_password_and_makes_no_user(shop: Client) -> None:
    page = shop.post("/settings/team", {"email": "New@Example.com", "role": "owner"})
    assert links.link_of(page).startswith("/invitation#")
    assert not User.objects.filter(email="new@example.com").exists()
    assert Seat.objects.count() == 1


def test_an_invited_person_chooses_a_password_and_has_the_seat(shop: Client) -> None:
    anna = Client()
    link = links.invite(shop, ANNA, "marketer")
    answered = links.answer(anna, link, **links.new_person(MINE))
    assert answered["Location"] == "/"
    assert links.seats_of(ANNA) == {("shop", "marketer")}
    assert anna.get("/profiles/").status_code == 200
    assert links.signed_in(ANNA, MINE) is not None
    assert User.objects.get(email=ANNA).name == "Anna"


def test_one_owner_s_link_opens_no_other_owner_s_account(shop: Client, elsewhere: Client) -> None:
    """The attack: who made a sign-in under Anna's address waits until another shop invites her."""
    thief = Client()
    links.answer(thief, links.invite(shop, ANNA), **links.new_person(THEIRS))
    links.invite(elsewhere, ANNA, "owner")
    again = links.signed_in(ANNA, THEIRS)
    assert again is not None
    for client in (thief, again):
        assert client.post("/account/switch", {"account": "elsewhere"}).status_code == 404
        assert client.get("/invitation/answer").status_code == 404
        assert client.post("/invitation/answer", {"answer": "accept"}).status_code == 404
    assert links.seats_of(ANNA) == {("shop", "viewer")}


def test_a_link_sets_no_password_of_somebody_who_exists(
    shop: Client, elsewhere: Client, owner: User, stranger: User
) -> None:
    """An owner who opens the link himself that he made for the owner of another shop."""
    thief = Client()
    link = links.invite(elsewhere, owner.email, "owner")
    page = links.answer(thief, link, **links.new_person(THEIRS))
    assert page.status_code == 200
    assert page.context["case"] == "sign-in"
    assert thief.get("/profiles/").status_code == 302
    assert links.signed_in(owner.email, PASSWORD) is not None
    assert links.seats_of(owner.email) == {("shop", "owner")}


def test_an_older_link_sets_no_password_of_who_came_by_a_newer_one(
    shop: Client, elsewhere: Client
) -> None:
    old = links.invite(shop, ANNA)
    thief = Client()
    links.open_link(thief, old)  # the page that asks for a password is open already
    page = thief.get("/invitation/answer")
    assert page.context["case"] == "new"
    links.answer(Client(), links.invite(elsewhere, ANNA, "owner"), **links.new_person(MINE))
    data = {"invitation": str(page.context["invitation"].pk), "answer": "accept"}
    late = thief.post("/invitation/answer", {**data, **links.new_person(THEIRS)}, follow=True)
    assert late.context["case"] == "sign-in"
    assert links.signed_in(ANNA, THEIRS) is None
    assert links.seats_of(ANNA) == {("elsewhere", "owner")}


def test_whoever_lost_every_seat_keeps_their_password(shop: Client, viewer: User) -> None:
    shop.post(f"/settings/team/{viewer.seats.get().pk}/remove")
    page = links.answer(Client(), links.invite(shop, viewer.email), **links.new_person(THEIRS))
    assert page.context["case"] == "sign-in"
    assert links.signed_in(viewer.email, THEIRS) is None
    again = links.signed_in(viewer.email)
    assert again is not None
    links.answer(again, links.invite(shop, viewer.email), **links.new_password(MINE))
    assert links.seats_of(viewer.email) == {("shop", "viewer")}


def test_somebody_who_signs_in_under_the_address_accepts_with_the_link(
    elsewhere: Client, owner: User
) -> None:
    link = links.invite(elsewhere, owner.email, "marketer")
    client = Client()
    links.open_link(client, link)
    form = {"username": owner.email, "password": PASSWORD, "next": "/invitation/answer"}
    assert client.post("/sign-in", form)["Location"] == "/invitation/answer"
    links.answer(client, link, **links.new_password(MINE))
    assert links.seats_of(owner.email) == {("shop", "owner"), ("elsewhere", "marketer")}
    assert client.get("/settings/me").context["seat"].account.slug == "elsewhere"


def test_a_link_for_another_is_refused_and_signing_out_keeps_it(
    shop: Client, viewer: User, sign_in: SignIn
) -> None:
    client, link = sign_in(viewer), links.invite(shop, ANNA, "owner")
    links.answer(client, link, **links.new_password(MINE))
    page = client.get("/invitation/answer")
    assert page.context["case"] == "another"
    assert viewer.email in page.content.decode() or str(viewer) in page.content.decode()
    assert links.seats_of(viewer.email) == {("shop", "viewer")}
    assert client.post("/invitation/sign-out")["Location"] == "/invitation/answer"
    assert client.get("/invitation/answer").context["case"] == "new"
    assert client.get("/settings/me").status_code == 302


def test_who_knew_the_password_does_not_come_along_into_another_account(
    elsewhere: Client, viewer: User
) -> None:
    """The attack with Anna's help: the first owner creates her login and knows its password."""
    first_owner, anna = links.signed_in(viewer.email), links.signed_in(viewer.email)
    assert first_owner is not None
    assert anna is not None
    link = links.invite(elsewhere, viewer.email, "owner")
    for form in ({}, links.new_password(PASSWORD), links.new_password("short")):
        assert links.answer(anna, link, **form).status_code == 422
        assert links.seats_of(viewer.email) == {("shop", "viewer")}
    assert first_owner.get("/profiles/").status_code == 200
    assert links.answer(anna, link, **links.new_password(MINE)).status_code == 302
    assert links.seats_of(viewer.email) == {("shop", "viewer"), ("elsewhere", "owner")}
    assert links.signed_in(viewer.email) is None
    assert first_owner.get("/profiles/").status_code == 302
    assert anna.get("/profiles/").status_code == 200


def test_opening_a_link_uses_nothing_up(shop: Client) -> None:
    link = links.invite(shop, ANNA)
    scanner = Client()
    for _time in range(3):
        links.open_link(scanner, link)
        assert scanner.get("/invitation/answer").status_code == 200
    assert links.answer(Client(), link, **links.new_person(MINE)).status_code == 302


def test_the_answer_is_to_the_invitation_that_was_shown(shop: Client, elsewhere: Client) -> None:
    client = Client()
    links.open_link(client, links.invite(shop, ANNA))
    number = str(client.get("/invitation/answer").context["invitation"].pk)
    links.open_link(client, links.invite(elsewhere, ANNA))  # in another window
    form = {"invitation": number, "answer": "accept", **links.new_person(MINE)}
    assert client.post("/invitation/answer", form)["Location"] == "/invitation/answer"
    assert not User.objects.filter(email=ANNA).exists()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"name": "Anna", "new_password1": MINE},
        {"name": "Anna", "new_password1": MINE, "new_password2": THEIRS},
        links.new_person("short"),
        links.new_person("password1234"),
        links.new_person(ANNA),
        {**links.new_person(MINE), "name": ""},
        {**links.new_person(MINE), "name": "x" * 121},
    ],
)
def test_a_bad_name_or_password_is_refused_at_its_field(form: dict[str, str], shop: Client) -> None:
    link = links.invite(shop, ANNA)
    page = links.answer(Client(), link, **form)
    assert page.status_code == 422
    assert 'class="error"' in page.content.decode()
    assert not User.objects.filter(email=ANNA).exists()
    assert links.answer(Client(), link, **links.new_person(MINE)).status_code == 302


def test_declining_makes_nobody_and_the_owner_sees_it(shop: Client) -> None:
    links.answer(Client(), links.invite(shop, ANNA), answer="decline")
    assert not User.objects.filter(email=ANNA).exists()
    page = shop.get("/settings/team")
    assert [state for _one, state in page.context["invitations"]] == ["declined"]
    answer = links.answer(Client(), links.invite(shop, ANNA), **links.new_person(MINE))
    assert answer.status_code == 302


def test_an_answered_invitation_gets_no_new_link(shop: Client) -> None:
    links.answer(Client(), links.invite(shop, ANNA), **links.new_person(MINE))
    pk = Invitation.objects.get().pk
    for what in ("link", "withdraw"):
        page = shop.post(f"/settings/team/invitations/{pk}/{what}", follow=True)
        assert "has been answered" in page.content.decode()
    assert Invitation.objects.get().state(AT) == "accepted"


@pytest.mark.parametrize("how", ["remove", "role"])
def test_an_owner_who_goes_leaves_no_link_behind(
    how: str, shop: Client, owner: User, account: Account, sign_in: SignIn
) -> None:
    second = seat(account, Role.OWNER, "second@example.com")
    theirs = links.invite(sign_in(second), "second.self@example.com", "owner")
    mine = links.invite(shop, ANNA)
    shop.post(f"/settings/team/{second.seats.get().pk}/{how}", {"role": "viewer"})
    assert links.open_link(Client(), theirs).status_code == 422
    assert links.open_link(Client(), mine).status_code == 302
    with pytest.raises(Conflict):
        invite(account=account, email="x@example.com", role=Role.OWNER, by=second, at=AT)


@pytest.mark.parametrize("email", ["", "nonsense", "a@b@c", "owner@example.com"])
def test_a_bad_or_seated_email_is_refused_at_its_field(email: str, shop: Client) -> None:
    page = shop.post("/settings/team", {"email": email, "role": "viewer"})
    assert 'class="error"' in page.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "email", ["nonsense", f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.se"]
)
def test_a_bad_email_is_invalid_for_programs_too(email: str, account: Account) -> None:
    with pytest.raises(Invalid):
        invite(account=account, email=email, role=Role.VIEWER, by=None, at=AT)


def test_an_address_is_the_same_in_capitals(shop: Client, owner: User) -> None:
    assert (
        "is in the team already"
        in shop.post(
            "/settings/team", {"email": owner.email.upper(), "role": "viewer"}
        ).content.decode()
    )
    links.invite(shop, ANNA.upper())
    links.invite(shop, ANNA)
    assert Invitation.objects.get().email == ANNA


def test_an_operator_s_link_is_an_invitation_too(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("create_user", ANNA, "--account", "shop", "--role", "owner")
    link = capsys.readouterr().out.splitlines()[1]
    client = Client()
    links.open_link(client, link)
    assert "Whoever runs this installation" in client.get("/invitation/answer").content.decode()
    links.answer(client, link, **links.new_person(MINE))
    assert links.seats_of(ANNA) == {("shop", "owner")}


@pytest.mark.django_db(transaction=True)
def test_a_link_opened_twice_at_once_makes_one_person(account: Account) -> None:
    link = invite(account=account, email=ANNA, role=Role.VIEWER, by=None, at=AT)
    together, outcomes = Barrier(2), []

    def take(password: str) -> None:
        together.wait(10)
        try:
            accept_as_new_user(
                link_digest=digest(link.secret), name="Anna", password=password, at=AT
            )
            outcomes.append("in")
        except NotFound:
            outcomes.append("void")
        finally:
            connection.close()

    threads = [Thread(target=take, args=(word,)) for word in (MINE, THEIRS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["in", "void"]
    assert Seat.objects.count() == User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_links_for_one_address_at_once_make_one_person_of_one_account(
    account: Account, other_account: Account
) -> None:
    invitations = [
        invite(account=one, email=ANNA, role=Role.VIEWER, by=None, at=AT)
        for one in (account, other_account)
    ]
    together, outcomes = Barrier(2), []

    def take(secret: str) -> None:
        together.wait(10)
        try:
            accept_as_new_user(link_digest=digest(secret), name="Anna", password=secret, at=AT)
            outcomes.append("in")
        except Conflict:
            outcomes.append("sign in")
        finally:
            connection.close()

    threads = [Thread(target=take, args=(one.secret,)) for one in invitations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["in", "sign in"]
    assert Seat.objects.count() == User.objects.count() == 1
