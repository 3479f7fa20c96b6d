"""Signing in and out: throttled, and without telling whether an email is known."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client, RequestFactory, override_settings

from segmenter.accounts.models import User
from segmenter.accounts.throttle import (
    MOST_FOR_ADDRESS,
    MOST_FOR_EMAIL,
    WINDOW,
    SignInFailure,
    address_of,
)
from tests.fixtures.cast import AT, PASSWORD, Response

pytestmark = pytest.mark.django_db


def attempt(email: str, password: str = "wrong", *, client: Client | None = None) -> Response:
    return (client or Client()).post("/sign-in", {"username": email, "password": password})


def body(response: Response, email: str) -> str:
    """The page without the parts that differ in any two answers."""
    text = response.content.decode().replace(email, "EMAIL")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def test_a_user_signs_in_and_out(owner: User) -> None:
    client = Client()
    assert attempt("Owner@Example.com", PASSWORD, client=client)["Location"] == "/"
    assert client.get("/profiles/").status_code == 200
    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert client.get("/profiles/")["Location"] == "/sign-in?next=/profiles/"


def test_signing_out_needs_a_form(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    assert client.get("/sign-out").status_code == 405
    assert client.get("/profiles/").status_code == 200


def test_it_leads_back_to_where_one_was_going_but_not_to_another_site(owner: User) -> None:
    form = {"username": owner.email, "password": PASSWORD}
    assert Client().post("/sign-in", {**form, "next": "/lists/"})["Location"] == "/lists/"
    away = Client().post("/sign-in", {**form, "next": "https://evil.example/"})
    assert away["Location"] == "/"


def test_known_and_unknown_emails_get_the_same_answer(owner: User, marketer: User) -> None:
    User.objects.filter(pk=marketer.pk).update(is_active=False)
    for _try in range(MOST_FOR_EMAIL + 1):
        answers = [
            (response.status_code, body(response, email), response.headers.get("Retry-After"))
            for email, password in (
                (owner.email, "wrong"),
                ("nobody@example.com", "wrong"),
                (marketer.email, PASSWORD),
            )
            for response in [attempt(email, password)]
        ]
        assert answers[0][:2] == answers[1][:2] == answers[2][:2]
    assert answers[0][0] == 429


class CountingHasher(PBKDF2PasswordHasher):
    algorithm = "counting"
    iterations = 1
    rounds: list[str] = []

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        self.rounds.append(password)
        return super().encode(password, salt, iterations)


@override_settings(PASSWORD_HASHERS=["tests.accounts.test_sign_in.CountingHasher"])
def test_an_unknown_email_costs_one_hash_like_a_known_one() -> None:
    User.objects.create_user("known@example.com", PASSWORD)
    for email in ("known@example.com", "unknown@example.com"):
        CountingHasher.rounds.clear()
        attempt(email)
        assert CountingHasher.rounds == ["wrong"]


def test_ten_failures_for_an_email_mean_waiting(owner: User) -> None:
    with time_machine.travel(AT, tick=False) as clock:
        for _try in range(MOST_FOR_EMAIL):
            assert attempt(owner.email).status_code == 200
        refused = attempt(owner.email, PASSWORD)
        assert refused.status_code == 429
        assert 0 < int(refused["Retry-After"]) <= WINDOW.total_seconds() + 1
        assert "15 minutes" in refused.content.decode()
        clock.shift(WINDOW - timedelta(seconds=1))
        assert attempt(owner.email, PASSWORD).status_code == 429
        clock.shift(timedelta(seconds=2))
        assert attempt(owner.email, PASSWORD).status_code == 302


def test_failures_from_before_the_clock_went_back_lock_nobody_out(owner: User) -> None:
    with time_machine.travel(AT + timedelta(hours=6), tick=False) as clock:
        for _try in range(MOST_FOR_EMAIL):
            attempt(owner.email)
        clock.move_to(AT)
        assert attempt(owner.email, PASSWORD).status_code == 302


def test_trying_while_refused_does_not_prolong_the_wait(owner: User) -> None:
    with time_machine.travel(AT, tick=False) as clock:
        for _try in range(MOST_FOR_EMAIL):
            attempt(owner.email)
        clock.shift(WINDOW / 2)
        for _try in range(MOST_FOR_EMAIL):
            assert attempt(owner.email).status_code == 429
        clock.shift(WINDOW / 2 + timedelta(seconds=1))
        assert attempt(owner.email, PASSWORD).status_code == 302


def test_thirty_failures_from_an_address_mean_waiting_whatever_the_email(owner: User) -> None:
    with time_machine.travel(AT, tick=False):
        for number in range(MOST_FOR_ADDRESS):
            assert attempt(f"someone{number}@example.com").status_code == 200
        assert attempt(owner.email, PASSWORD).status_code == 429
        elsewhere = Client(REMOTE_ADDR="192.0.2.9")
        assert attempt(owner.email, PASSWORD, client=elsewhere).status_code == 302


def test_success_forgets_the_failures_of_the_email(owner: User) -> None:
    for _round in range(3):
        for _try in range(MOST_FOR_EMAIL - 1):
            assert attempt(owner.email).status_code == 200
        client = Client(REMOTE_ADDR=f"192.0.2.{_round}")
        assert attempt(owner.email, PASSWORD, client=client).status_code == 302


def test_what_was_typed_is_not_stored(owner: User) -> None:
    attempt("typed-by-mistake@example.com")
    subjects = SignInFailure.objects.values_list("subject", flat=True)
    assert len(subjects) == 2
    assert all(re.fullmatch(r"[0-9a-f]{64}", subject) for subject in subjects)


def test_old_failures_are_swept(owner: User) -> None:
    with time_machine.travel(AT, tick=False) as clock:
        attempt(owner.email)
        clock.shift(timedelta(days=2))
        attempt(owner.email)
    assert SignInFailure.objects.count() == 2


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.7", "127.0.0.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7", "198.51.100.1"),
        (2, "203.0.113.7", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_only_trusted_proxies_say_where_someone_comes_from(
    proxies: int, forwarded: str, address: str
) -> None:
    request = RequestFactory().post("/sign-in", headers={"X-Forwarded-For": forwarded})
    with override_settings(SEGMENTER_PROXIES=proxies):
        assert address_of(request) == address


def test_signing_in_brings_the_person_s_language(owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(language="sv")
    response = attempt(owner.email, PASSWORD)
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "sv"
