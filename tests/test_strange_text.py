"""Text that cannot be decoded or stored (charsets, U+0000) is refused before a view sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from encodings.aliases import aliases
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from profiles.models import List, Profile
from segmenter.accounts.models import User
from segmenter.embedded.folder import PROJECT
from segmenter.kernel.jsonapi import PREFIXES
from segmenter.wsgi import application
from tests.draws import portion
from tests.fixtures.cast import SignIn

pytestmark = pytest.mark.django_db

APPS = ("segmenter", "profiles", "predictions", "segments", "forms_targeting")
FORM = "application/x-www-form-urlencoded"
UTF8 = {name for name, codec in aliases.items() if codec in ("utf_8", "ascii")}
CODECS = sorted(
    {*aliases, *aliases.values(), "hex", "zlib", "rot13", "idna", "punycode", "undefined"}
    | {"utf-8-sig", "unicode_escape", "raw_unicode_escape", "mbcs", "no-such-codec", "utf\x008"}
)
BAD_BYTES = {"U+0000": "%00", "half of a pair": "%ED%A0%80", "not UTF-8": "%FF", "cut": "%C3"}


def routes() -> Iterator[str]:
    """The path of every route of the product, each parameter as `<kind:name>`."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + plain(str(pattern.pattern))
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                yield "/" + route

    return walk(get_resolver().url_patterns, "")


def plain(route: str) -> str:
    """A route that is a regular expression, as a path with its parameters."""
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<str:\1>", route)
    return re.sub(r"/\?\$|[\^$]", "", route)


ROUTES = sorted(set(routes()))
PAGES = [route for route in ROUTES if not route.startswith(PREFIXES)]
SOME = 25
"""Routes that one kind of bad text is tried on: it is refused before a route is looked for."""


def status_of(environ: dict[str, object]) -> str:
    """The status of the WSGI application, which Django's own test client bypasses."""
    statuses: list[str] = []
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)  # as the test client does
    try:
        application(environ, lambda status, headers: statuses.append(status)).close()
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
    return statuses[0]


def names_of_parameters() -> list[str]:
    """Every name that any page reads from a query or a form."""
    pattern = re.compile(r"""(?:GET|POST)(?:\.get|\.getlist)?[(\[]\s*["']([\w-]+)["']""")
    sources = [path.read_text() for app in APPS for path in (PROJECT / app).rglob("*.py")]
    templates = [path.read_text() for path in Path(PROJECT / "templates").rglob("*.html")]
    in_code = {name for text in sources for name in pattern.findall(text)}
    return sorted(
        in_code | {name for text in templates for name in re.findall(r' name="(\w+)"', text)}
    )


NAMES = names_of_parameters()


def filled(route: str, value: str) -> str:
    return re.sub(r"<[^>]+>", value, route)


@pytest.fixture
def browsers(marketer: User, people: list[Profile], sign_in: SignIn) -> list[Client]:
    """A client that is signed in and one that is not; a 5xx is an answer, not an exception."""
    clients = [sign_in(marketer), Client()]
    for client in clients:
        client.raise_request_exception = False
    return clients


def test_the_lists_of_routes_and_parameters_are_whole() -> None:
    assert len(ROUTES) > 80
    assert {"segment", "q", "tag", "from", "next", "definition", "email"} <= {*NAMES, "email"}
    assert len(NAMES) > 40


# --- characters ----------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", BAD_BYTES.values(), ids=BAD_BYTES)
def test_no_address_with_it_is_a_page(browsers: list[Client], bad: str) -> None:
    for route in portion(ROUTES, SOME):
        for value in (bad, f"1{bad}", f"abc{bad}d"):
            path = filled(route, value)
            path = path if "<" in route else f"{path.rstrip('/')}/{value}"
            for client in browsers:
                for method in ("GET", "POST"):
                    answer = client.generic(method, path)
                    assert answer.status_code < 500, (method, path)
                    if bad == "%00":
                        assert answer.status_code == 404, (method, path)


@pytest.mark.parametrize("bad", BAD_BYTES.values(), ids=BAD_BYTES)
def test_no_query_with_it_reaches_a_page(browsers: list[Client], bad: str) -> None:
    everything = "&".join(f"{name}={bad}" for name in NAMES)
    for route in portion(ROUTES, SOME):
        path = filled(route, "1")
        for client in browsers:
            for query in (everything, f"{bad}=1", f"q=1&{bad}"):
                answer = client.get(f"{path}?{query}")
                assert answer.status_code < 500, (path, query)
                if route in PAGES:
                    assert answer.status_code == 400, (path, query)


@pytest.mark.parametrize("bad", BAD_BYTES.values(), ids=BAD_BYTES)
def test_no_parameter_with_it_breaks_the_pages_that_read_most(
    browsers: list[Client], bad: str
) -> None:
    for name in NAMES:
        for path in ("/segments/", "/segments/new", "/profiles/", "/sign-in", "/search"):
            address = f"{path}?{name}=a{bad}b"
            assert browsers[0].get(address).status_code == 400, address


@pytest.mark.parametrize("bad", BAD_BYTES.values(), ids=BAD_BYTES)
def test_no_form_with_it_reaches_a_page(browsers: list[Client], bad: str) -> None:
    everything = "&".join(f"{name}=1{bad}" for name in NAMES)
    for route in portion(PAGES, SOME):
        path = filled(route, "1")
        for client in browsers:
            for body in (everything, f"{bad}=1"):
                answer = client.post(path, body, content_type=FORM)
                assert answer.status_code in {400, 404, 405, 302, 422}, (path, answer.status_code)
    for name in NAMES:
        for step in ("preview", "save", "cancel", "start-over"):
            path = f"/segments/builder/{step}"
            answer = browsers[0].post(path, f"{name}=a{bad}", content_type=FORM)
            assert answer.status_code == 400, (path, name)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x\udfff"])
def test_no_multipart_form_with_it_reaches_a_page(browsers: list[Client], text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    for name in NAMES:
        body = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--x--\r\n'
        for path in ("/segments/builder/preview", "/sign-in", "/lists/new"):
            answer = browsers[0].post(
                path, body % (name.encode(), raw), content_type="multipart/form-data; boundary=x"
            )
            assert answer.status_code < 500, path
            if "\0" in text:
                assert answer.status_code in {400, 404}, path


def test_files_may_hold_anything_and_their_names_break_nothing(browsers: list[Client]) -> None:
    for name in ("a\0b.csv", "&#0;.csv", "&#xd800;.csv", "\u202e.csv"):
        file = SimpleUploadedFile("x.csv", b"email\nanna@example.com\n\0\xff")
        vars(file)["_name"] = name
        answer = browsers[0].post("/imports/new", {"kind": "profiles\0", "file": file})
        assert answer.status_code < 500


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\ud800\\u0000"])
def test_json_in_a_form_or_a_query_cannot_bring_it_in(browsers: list[Client], text: str) -> None:
    list_ = List.objects.first()
    assert list_ is not None
    condition = {"type": "list-membership", "list": text, "is_member": True}
    for value in (
        f'"{text}"',
        f'{{"{text}": 1}}',
        f'{{"condition_groups":[{{"conditions":[{condition}]}}]}}'.replace("'", '"'),
    ):
        everything = dict.fromkeys(NAMES, value)
        query = "&".join(f"{name}={quote(value)}" for name in NAMES)
        for route in portion(PAGES, 2 * SOME):
            path = filled(route, "1")
            assert browsers[0].get(f"{path}?{query}").status_code < 500, path
            assert browsers[0].get(f"{path}?definition={quote(value)}").status_code < 500, path
            assert browsers[0].post(path, everything).status_code < 500, path
            assert browsers[0].post(path, {"definition": value}).status_code < 500, path


def test_a_refusal_is_a_page_or_a_line_for_htmx(browsers: list[Client]) -> None:
    page = browsers[0].get("/segments/?tag=%00")
    assert b"could not be read" in page.content
    assert b"a character that cannot be kept" in page.content
    part = browsers[0].get("/segments/?tag=%00", headers={"HX-Request": "true"})
    assert part.status_code == 400
    assert b"<html" not in part.content
    assert browsers[0].get("/segments/%00/").status_code == 404


# --- sizes ---------------------------------------------------------------------------------------


def test_too_many_fields_and_too_large_forms_are_told(
    browsers: list[Client], settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5
    fields = {f"f{number}": "x" for number in range(6)}
    multipart = browsers[0].post("/segments/builder/preview", fields)
    form = browsers[0].post(
        "/segments/builder/preview", "&".join(f"{name}=x" for name in fields), content_type=FORM
    )
    query = browsers[0].get("/segments/", fields)
    for answer in (multipart, form, query):
        assert answer.status_code == 400
        assert b"more than 5 fields" in answer.content
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    for answer in (
        browsers[0].post("/sign-in", {"username": "x" * 200}),
        browsers[1].post("/sign-in", "username=" + "x" * 200, content_type=FORM),
    ):
        assert answer.status_code == 413
        assert b"larger than 100 bytes" in answer.content


@pytest.mark.parametrize(
    "body",
    [b"", b"--x", b"--x\r\n\r\n", b"--y\r\nfoo\r\n--y--", b"--x\r\n" + b"a: b\r\n" * 9_000, b"\0"],
)
@pytest.mark.parametrize("kind", ["boundary=x", "boundary=", "", "boundary=\xff", "boundary=é"])
def test_broken_multipart_forms_are_no_error_of_ours(
    browsers: list[Client], body: bytes, kind: str
) -> None:
    for client in browsers:
        for path in ("/sign-in", "/segments/builder/preview", "/imports/new", "/language"):
            answer = client.generic("POST", path, body, content_type=f"multipart/form-data; {kind}")
            assert answer.status_code < 500


# --- charsets ------------------------------------------------------------------------------------


def test_no_charset_but_utf_8_is_taken(browsers: list[Client]) -> None:
    for charset in CODECS:
        check_charset(browsers[0], charset)


def check_charset(browser: Client, charset: str) -> None:
    fine = charset in UTF8 or charset in {"utf_8", "ascii"}
    for method, path, base in (
        ("POST", "/sign-in", FORM),
        ("POST", "/segments/builder/preview", "multipart/form-data; boundary=x"),
        ("POST", "/imports/new", "multipart/form-data; boundary=x"),
        ("GET", "/segments/?q=%41", "text/plain"),
        ("OPTIONS", "/nowhere", FORM),
        ("PUT", "/api/profiles", "application/json"),
        ("DELETE", "/api/profiles?filter=a", FORM),
    ):
        kind = f"{base}; charset={charset}"
        if fine:
            answer = browser.generic(method, path, b"username=%41&a=b", content_type=kind)
            assert answer.status_code < 500, (method, path, kind)
        else:
            request = RequestFactory().generic(method, path, b"username=%41&a=b").environ
            status = status_of(request | {"CONTENT_TYPE": kind})
            assert status == "415 Unsupported Media Type", (method, path, kind)


def test_a_refused_charset_is_told_in_the_language_of_who_asks() -> None:
    page = Client().generic("POST", "/sign-in", b"a=b", content_type=f"{FORM}; charset=hex")
    assert page.status_code == 415
    assert b"Text must be in UTF-8." in page.content
    kind = "application/vnd.api+json; charset=latin-1"
    document = Client().generic("POST", "/api/events", b"{}", content_type=kind)
    assert document.status_code == 415
    assert document.json()["errors"][0]["code"] == "unsupported_media_type"
    assert document["Content-Type"].startswith("application/vnd.api+json")


def test_a_form_that_says_ascii_and_is_utf_8_is_read_as_that(browsers: list[Client]) -> None:
    kind = f"{FORM}; charset=us-ascii"
    browsers[0].post("/lists/new", "name=K%C3%A4rna", content_type=kind)
    assert List.objects.filter(name="Kärna").exists()


@pytest.mark.parametrize("charset", ["hex", "zlib", "idna", "rot13", "punycode", "undefined", "x"])
@pytest.mark.parametrize(
    "part",
    [
        'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset={}',
        "Content-Disposition: form-data; name*={}''%41",
        "Content-Disposition: form-data; name=\"file\"; filename*={}''%41.csv",
        (
            'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n'
            "Content-Type: text/csv; charset*={}''%41"
        ),
        'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: {}',
        'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64',
    ],
)
def test_a_part_of_a_form_with_a_strange_charset_is_no_error_of_ours(
    browsers: list[Client], charset: str, part: str
) -> None:
    body = f"--x\r\n{part.format(charset)}\r\n\r\n%%%=41\r\n--x--\r\n".encode()
    for client in browsers:
        for path in ("/sign-in", "/segments/builder/preview", "/imports/new", "/language"):
            answer = client.generic(
                "POST", path, body, content_type="multipart/form-data; boundary=x"
            )
            assert answer.status_code < 500, path


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain; charset*=hex''%41",
        "multipart/form-data; boundary*=idna''%41",
        f"{FORM}; charset*=utf-8''hex",
        "; charset=hex",
    ],
)
def test_a_content_type_that_django_cannot_read_is_refused(kind: str) -> None:
    environ = RequestFactory().post("/sign-in").environ | {"CONTENT_TYPE": kind}
    assert status_of(environ) == "415 Unsupported Media Type"


def test_the_limits_are_those_of_the_settings() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == settings.API_BODY_LIMIT
