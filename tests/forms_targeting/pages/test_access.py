"""Who may open the pages of forms, and what these hide from others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from forms_targeting.engine.publishing import add_variant
from forms_targeting.engine.sites import site_of
from forms_targeting.figures import urls as figures_urls
from forms_targeting.models import Form, FormStatus, FormVariant, Site
from forms_targeting.pages import urls as pages_urls
from segmenter.accounts.models import Account, User
from tests.builders.form_traffic import form_view
from tests.builders.forms import live_form
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db

READS = {"list", "form", "figures-csv", "versions", "use", "targeting", "settings"}
WRITES = {
    *("publish", "pause", "archive", "restore", "duplicate", "rename", "delete", "move"),
    *("targeting-row", "targeting-words"),
}
OWNER = {"settings-secret"}
BOTH = {"targeting", "settings"}
"""Pages that show to viewers what marketers save there."""
EVIL = "\"><script>alert('x')</script>&{{ 1 }}"


def route_names() -> Iterator[tuple[str, bool]]:
    """Name of every route of the two rooms, and whether it is of one form."""
    for pattern in [*pages_urls.urlpatterns, *figures_urls.urlpatterns]:
        assert isinstance(pattern, URLPattern)
        yield str(pattern.name), "<" in str(pattern.pattern)


ROUTES = dict(route_names())


def path_of(name: str, key: str) -> str:
    return reverse(f"forms_targeting:{name}", args=[key] if ROUTES[name] else [])


def state() -> Any:
    return (
        list(Form.objects.order_by("pk").values()),
        list(FormVariant.objects.order_by("pk").values()),
        list(Site.objects.values("domains", "identity_secret", "needs_consent")),
    )


@pytest.fixture
def form(account: Account) -> Form:
    form, version = live_form(account, EVIL)
    add_variant(form=form, at=AT)
    form_view(version, page=EVIL)
    site_of(account, at=AT)
    return form


def test_every_route_has_a_role() -> None:
    assert set(ROUTES) == READS | WRITES | OWNER


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_without_signing_in_there_is_only_the_way_to_sign_in(name: str, form: Form) -> None:
    for answer in (Client().get(path_of(name, form.key)), Client().post(path_of(name, form.key))):
        if answer.status_code != 405:
            assert answer.status_code == 302
            assert answer["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_viewer_reads_and_changes_nothing(
    name: str, form: Form, viewer: User, sign_in: SignIn
) -> None:
    browser, before = sign_in(viewer), state()
    reading, writing = browser.get(path_of(name, form.key)), browser.post(path_of(name, form.key))
    if name in READS:
        assert (reading.status_code, writing.status_code) == (200, 403 if name in BOTH else 405)
        if "text/html" in reading["Content-Type"]:
            main = reading.content.decode().partition("<main")[2].partition("</main>")[0]
            assert 'method="post"' not in main
    else:
        assert {reading.status_code, writing.status_code} <= {403, 405}
        assert 403 in {reading.status_code, writing.status_code}
    assert state() == before


def test_the_secret_is_the_owner_s(
    form: Form, marketer: User, owner: User, sign_in: SignIn
) -> None:
    path, before = path_of("settings-secret", ""), state()
    assert sign_in(marketer).post(path).status_code == 403
    assert "secret-dialog" not in sign_in(marketer).get(path_of("settings", "")).content.decode()
    assert state() == before
    answer = sign_in(owner).post(path)
    secret = answer.context["secret"]
    assert len(secret) >= 40
    assert secret in answer.content.decode()
    assert secret not in sign_in(owner).get(path_of("settings", "")).content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert secret not in Site.objects.get().identity_secret


@pytest.mark.parametrize("name", sorted(name for name, of_form in ROUTES.items() if of_form))
def test_a_form_of_another_account_is_not_there(
    name: str, form: Form, stranger: User, sign_in: SignIn
) -> None:
    browser, before = sign_in(stranger), state()
    for ask in (browser.get, browser.post):
        theirs, nothing = ask(path_of(name, form.key)), ask(path_of(name, "nonono"))
        assert theirs.status_code == nothing.status_code in {404, 405}
        assert plain(theirs.content) == plain(nothing.content)
    assert state() == before


def plain(page: bytes) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="\w+|X-CSRFToken": "\w+', "", page.decode())


def test_lists_and_searches_end_at_the_account(form: Form, stranger: User, sign_in: SignIn) -> None:
    browser = sign_in(stranger)
    assert browser.get("/forms/").context["rows"] == []
    assert browser.get("/search", {"q": "script"}).context["results"] == []


@pytest.mark.parametrize("name", sorted(READS))
def test_a_page_carries_its_guards(name: str, form: Form, owner: User, sign_in: SignIn) -> None:
    answer = sign_in(owner).get(path_of(name, form.key), {"by": "page"})
    if "text/html" not in answer["Content-Type"]:
        return
    page = answer.content.decode()
    assert EVIL not in page
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)


@pytest.mark.parametrize("value", ["\x00", "²", "9" * 40, "a\x00b", "null"])
@pytest.mark.parametrize("name", sorted(name for name, of_form in ROUTES.items() if of_form))
def test_no_address_breaks_a_page(name: str, value: str, owner: User, sign_in: SignIn) -> None:
    browser = sign_in(owner)
    assert browser.get(path_of(name, value)).status_code in {404, 405}
    assert browser.post(path_of(name, value)).status_code in {404, 405}


def test_a_form_stays_live_until_somebody_who_may_pauses_it(
    form: Form, marketer: User, sign_in: SignIn
) -> None:
    sign_in(marketer).post(path_of("pause", form.key))
    form.refresh_from_db()
    assert form.status == FormStatus.PAUSED
