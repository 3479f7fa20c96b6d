"""Links of invitations: how they end, and what keeps their secret."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from segmenter.accounts.invitations import LIFETIME, Invitation
from segmenter.accounts.models import Seat, User
from segmenter.accounts.throttle import MOST_FOR_ADDRESS
from segmenter.kernel.keys import digest
from tests.accounts import links
from tests.accounts.invitations import ANNA, MINE, THEIRS, shop
from tests.fixtures.cast import AT, SignIn

__all__ = ["shop"]

pytestmark = pytest.mark.django_db


VOID = "This link does not work"


def end_by_use(shop: Client, link: str) -> None:
    links.answer(Client(), link, **links.new_person(MINE))


def end_by_declining(shop: Client, link: str) -> None:
    links.answer(Client(), link, answer="decline")


def end_by_withdrawing(shop: Client, link: str) -> None:
    shop.post(f"/settings/team/invitations/{Invitation.objects.get().pk}/withdraw")


def end_by_a_new_link(shop: Client, link: str) -> None:
    shop.post(f"/settings/team/invitations/{Invitation.objects.get().pk}/link")


def end_by_another_invitation(shop: Client, link: str) -> None:
    links.invite(shop, ANNA)


def end_by_age(shop: Client, link: str) -> None:
    Invitation.objects.update(expires=AT)


ENDS = [
    end_by_use,
    end_by_declining,
    end_by_withdrawing,
    end_by_a_new_link,
    end_by_another_invitation,
    end_by_age,
]


@pytest.mark.parametrize("end", ENDS)
def test_a_link_that_has_ended_answers_like_one_that_never_was(end: object, shop: Client) -> None:
    link = links.invite(shop, ANNA)
    early = Client()
    links.open_link(early, link)
    data = {"invitation": str(early.get("/invitation/answer").context["invitation"].pk)}
    end(shop, link)  # type: ignore[operator]
    seats = Seat.objects.count()
    ended, never = links.open_link(Client(), link), links.open_link(Client(), "/invitation#never")
    errors = [page.context["form"].errors["link"] for page in (ended, never)]
    assert ended.status_code == never.status_code == 422
    assert errors[0] == errors[1]
    assert VOID in str(errors[0])
    # Who opened it before gets nothing, either.
    assert early.get("/invitation/answer").status_code == 404
    form = {**data, "answer": "accept", **links.new_person(THEIRS)}
    assert early.post("/invitation/answer", form).status_code == 404
    assert Seat.objects.count() == seats


def test_a_link_works_for_seven_days(shop: Client, owner: User, sign_in: SignIn) -> None:
    with time_machine.travel(AT, tick=False) as clock:
        link = links.invite(sign_in(owner), ANNA)
        clock.shift(LIFETIME - timedelta(seconds=1))
        assert links.open_link(Client(), link).status_code == 302
        clock.shift(timedelta(seconds=1))
        assert links.open_link(Client(), link).status_code == 422
        page = sign_in(owner).get("/settings/team")
        assert [state for _one, state in page.context["invitations"]] == ["expired"]


def test_links_cannot_be_guessed_without_end(shop: Client) -> None:
    link = links.invite(shop, ANNA)
    guesser = Client(REMOTE_ADDR="192.0.2.7")
    for number in range(MOST_FOR_ADDRESS):
        assert guesser.post("/invitation", {"link": f"guess{number}"}).status_code == 422
    refused = guesser.post("/invitation", {"link": link})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert links.open_link(Client(), link).status_code == 302


def test_good_links_do_not_count_as_guesses(shop: Client) -> None:
    link = links.invite(shop, ANNA)
    client = Client()
    for _time in range(MOST_FOR_ADDRESS + 1):
        assert client.post("/invitation", {"link": link}).status_code == 302


def test_the_secret_is_in_no_address_and_not_in_the_database(shop: Client) -> None:
    link = links.invite(shop, ANNA)
    secret = link.partition("#")[2]
    client = Client()
    assert secret not in links.open_link(client, link)["Location"]
    invitation = Invitation.objects.get()
    assert invitation.digest == digest(secret)
    assert secret not in str(client.session.items())
    assert secret not in shop.get("/settings/team").content.decode()


def test_pages_with_links_are_not_kept_by_browsers(shop: Client) -> None:
    page = shop.post("/settings/team", {"email": ANNA, "role": "viewer"})
    link, client = links.link_of(page), Client()
    page_opened = links.open_link(client, link)
    pages = [page, page_opened, client.get("/invitation"), client.get("/invitation/answer")]
    assert all("no-store" in one["Cache-Control"] for one in pages)
    assert all("same-origin" in one["Referrer-Policy"] for one in pages)


def test_an_answer_needs_a_form_of_ours(shop: Client) -> None:
    link = links.invite(shop, ANNA)
    client = Client(enforce_csrf_checks=True)
    assert client.post("/invitation", {"link": link}).status_code == 403
    for path in ("/invitation/answer", "/invitation/sign-out"):
        assert client.post(path, {"answer": "accept"}).status_code == 403
