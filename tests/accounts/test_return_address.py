"""After signing in one is on a page: never at an address that only takes forms."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from segmenter.accounts.models import User
from segmenter.accounts.return_address import can_be_visited
from segmenter.kernel.jsonapi import PREFIXES
from tests.fixtures.cast import PASSWORD, SignIn

pytestmark = pytest.mark.django_db


def routes(patterns: list[URLPattern | URLResolver], before: str = "/") -> list[str]:
    paths: list[str] = []
    for each in patterns:
        path = before + re.sub(r"\(\?:([^)]*)\)\?|/\?\$|[\^$]", r"\1", str(each.pattern))
        if isinstance(each, URLResolver):
            paths += routes(each.url_patterns, path)
        elif not path.startswith(PREFIXES):
            paths.append(re.sub(r"<(\w+):\w+>", lambda m: "1" if m[1] == "int" else "Abcdef", path))
    return paths


PAGES = sorted(set(routes(get_resolver().url_patterns)))


def after_sign_in(client: Client, user: User, location: str) -> str:
    data = {"username": user.email, "password": PASSWORD}
    next_address = parse_qs(urlsplit(location).query).get("next", [""])[0]
    answer = client.post(location, {**data, "next": next_address})
    assert answer.status_code == 302
    return str(answer["Location"])


@pytest.mark.parametrize("path", PAGES)
def test_what_can_be_visited_is_known_of_every_page(
    path: str, owner: User, sign_in: SignIn
) -> None:
    assert can_be_visited(path) == (sign_in(owner).get(path).status_code != 405)


@pytest.mark.parametrize("path", PAGES)
def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(path: str, owner: User) -> None:
    if can_be_visited(path):
        return
    nobody = Client()
    answer = nobody.post(path, headers={"referer": "http://testserver/segments/?q=a"})
    if answer.status_code == 302 and answer["Location"].startswith("/sign-in?"):
        assert after_sign_in(nobody, owner, answer["Location"]) == "/segments/?q=a"
    crafted = Client()
    assert after_sign_in(crafted, owner, f"/sign-in?next={path}") == "/"


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "https://evil.example/segments/",
        "//evil.example/segments/",
        "http://testserver.evil.example/segments/",
        "http://testserver/segments/builder/save",
        "http://testserver/nothing/here",
        "javascript:alert(1)",
        "http://[",
    ],
)
def test_only_pages_of_ours_are_gone_back_to(referer: str) -> None:
    answer = Client().post("/segments/builder/save", headers={"referer": referer})
    assert answer["Location"] == "/sign-in?next=/"


def test_a_next_that_leads_back_to_the_sign_in_does_not_loop(owner: User, sign_in: SignIn) -> None:
    for address in ("/sign-in", "#", "/sign-in?next=/sign-in"):
        answer = sign_in(owner).get("/sign-in", {"next": address})
        assert (answer.status_code, answer["Location"]) == (302, "/")
