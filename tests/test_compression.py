"""Texts go out compressed; the scripts and styles of a page stay small."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from segmenter.accounts.models import User
from segmenter.kernel.compression import CompressedTexts
from tests.fixtures.cast import SignIn

MOST_BYTES = 70_000
"""Of all scripts and styles of a page, as they travel. The target is 100 kB."""
PAGES = ("/segments/", "/segments/new", "/profiles/", "/forms/", "/predictions/")
LONG = "<p>segment</p>" * 100


def travel(response: HttpResponseBase, accept: str = "gzip, deflate, br") -> HttpResponseBase:
    request = RequestFactory().get("/", headers={"Accept-Encoding": accept})
    return CompressedTexts(lambda _request: response)(request)  # type: ignore[return-value]


def test_a_page_is_compressed_for_who_accepts_it() -> None:
    response = travel(HttpResponse(LONG))
    assert isinstance(response, HttpResponse)
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content).decode() == LONG
    assert len(response.content) < len(LONG) / 4


def test_nobody_gets_gzip_who_does_not_ask_for_it() -> None:
    response = travel(HttpResponse(LONG), accept="identity")
    assert "Content-Encoding" not in response.headers
    assert "Accept-Encoding" in response["Vary"]


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(LONG, content_type="text/csv"),
        HttpResponse(LONG, headers={"Content-Disposition": "attachment; filename=a.json"}),
        HttpResponse(LONG, content_type="image/png"),
        HttpResponse("short", headers={"Content-Length": "5"}),
        HttpResponse(LONG, status=206),
        StreamingHttpResponse([LONG], content_type="application/x-ndjson"),
    ],
)
def test_downloads_and_short_answers_travel_as_they_are(response: HttpResponseBase) -> None:
    assert "Content-Encoding" not in travel(response).headers


def test_static_files_are_compressed_too() -> None:
    streamed = StreamingHttpResponse([LONG.encode()], content_type="text/css")
    response = travel(streamed)
    assert isinstance(response, StreamingHttpResponse)
    assert gzip.decompress(b"".join(response.streaming_content)).decode() == LONG  # type: ignore[arg-type]


def test_it_stands_outside_of_what_serves_files(settings: object) -> None:
    handler = BaseHandler()
    handler.load_middleware()
    names = list(getattr(settings, "MIDDLEWARE"))  # noqa: B009
    compression = names.index("segmenter.kernel.compression.CompressedTexts")
    assert compression < names.index("whitenoise.middleware.WhiteNoiseMiddleware")


def assets(html: str) -> set[str]:
    """Static files of a page: styles, scripts, and what its modules import."""
    names = set(re.findall(r'(?:href|src)="/static/([^"?]+\.(?:css|js))"', html))
    left = list(names)
    while left:
        name = left.pop()
        text = Path(str(finders.find(name))).read_text(encoding="utf-8")
        for path in re.findall(r'(?:from|import) *\(?"\./([\w-]+\.js)"', text):
            part = f"{name.rpartition('/')[0]}/{path}"
            if part not in names:
                names.add(part)
                left.append(part)
    return names


@pytest.mark.parametrize("path", PAGES)
def test_the_scripts_and_styles_of_a_page_are_small(
    path: str, marketer: User, sign_in: SignIn
) -> None:
    client: Client = sign_in(marketer)
    names = assets(client.get(path).content.decode())
    files = [Path(str(finders.find(name))).read_bytes() for name in names]
    assert len(names) > 8
    assert sum(len(gzip.compress(file)) for file in files) < MOST_BYTES
