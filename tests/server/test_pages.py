"""The product behind the real server: limits of bodies, long filters, uploads, downloads."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from profiles.models import ImportJob, Profile
from segmenter.accounts.models import Account, User, create_api_key
from tests.builders.shops import new_segment
from tests.draws import portion
from tests.fixtures.cast import SignIn
from tests.server.conftest import Site

API = {"Content-Type": "application/vnd.api+json", "Host": "localhost"}


def ask(client: http.client.HTTPConnection, *request: Any, **more: Any) -> tuple[int, Any, bytes]:
    client.request(*request, **more)
    answer = client.getresponse()
    return answer.status, answer.headers, answer.read()


@pytest.fixture
def key(pages: Site, account: Account) -> dict[str, str]:
    secret = create_api_key(account=account, name="pages")[1]
    return API | {"Authorization": f"Klaviyo-API-Key {secret}"}


def cookies(client: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


@pytest.mark.parametrize("size", portion([5_000_001, 9_000_000, 40_000_000], 1))
@pytest.mark.parametrize("chunked", [False, True])
def test_a_document_too_large_is_413_in_json_and_the_next_request_works(
    pages: Site, key: dict[str, str], size: int, chunked: bool
) -> None:
    client = pages.client()
    body = (b"x" * part for part in [size]) if chunked else b"x" * size
    status, headers, content = ask(
        client, "POST", "/api/events", body=body, headers=key, encode_chunked=chunked
    )
    assert status == 413
    assert headers["Connection"] == "close"
    assert json.loads(content)["errors"][0]["code"] == "too_large"
    for _ in range(3):
        assert ask(client, "GET", "/api/profiles", headers=key)[0] == 200


def test_a_filter_of_five_hundred_addresses_is_answered(
    pages: Site, key: dict[str, str], people: list[Profile]
) -> None:
    addresses = [f'"someone.{number}@example.com"' for number in range(499)]
    any_of = ",".join([*addresses, '"anna@example.com"'])
    path = f"/api/profiles?filter=any(email,[{any_of}])".replace('"', "%22")
    status, _headers, content = ask(pages.client(), "GET", path, headers=key)
    assert status == 200, content
    assert len(json.loads(content)["data"]) == 1


def test_a_file_of_an_import_is_taken_from_who_may_import_and_from_nobody_else(
    pages: Site, marketer: User, viewer: User, sign_in: SignIn
) -> None:
    rows = b"".join(b"someone.%d@example.com\n" % number for number in range(300_000))
    assert len(rows) > settings.API_BODY_LIMIT
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nemail\n'
    for user, expected in ((marketer, 302), (viewer, 403), (None, 302)):
        client = sign_in(user) if user else Client()
        token = "t" * 32
        cookie = cookies(client) + ("; " if client.cookies else "") + f"csrftoken={token}"
        headers = {"Content-Type": "multipart/form-data; boundary=x", "Cookie": cookie}
        headers |= {"X-CSRFToken": token, "Host": "localhost"}
        body = start + rows + b"\r\n--x--\r\n"
        status, answer, _content = ask(
            pages.client(), "POST", "/imports/new", body=body, headers=headers
        )
        assert status == expected
        assert answer["Connection"] == (None if user == marketer else "close")
    assert [job.bytes_total for job in ImportJob.objects.all()] == [len(rows) + len(b"email\n")]


def test_a_form_too_large_is_a_page_that_says_so(pages: Site) -> None:
    status, headers, content = ask(pages.client(), "POST", "/sign-in", body=b"x" * 6_000_000)
    assert (status, headers["Connection"]) == (413, "close")
    assert b"larger than" in content


def test_a_download_is_whole_and_says_its_end(
    pages: Site, account: Account, marketer: User, people: list[Profile], sign_in: SignIn
) -> None:
    segment = new_segment(account, "All", *(person.pk for person in people), size=0)
    status, headers, content = ask(
        pages.client(),
        "GET",
        f"/segments/{segment.key}/members.csv",
        headers={"Cookie": cookies(sign_in(marketer)), "Host": "localhost"},
    )
    assert status == 200
    assert headers["Transfer-Encoding"] == "chunked"
    assert content.count(b"\r\n") == 1 + len(people)
