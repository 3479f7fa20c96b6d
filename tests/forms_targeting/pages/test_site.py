"""The settings of the site: domains as people write them, the embed code, the script's state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from forms_targeting.engine.site_settings import last_contact, read_domain
from forms_targeting.engine.sites import is_own_origin, site_of
from forms_targeting.models import Site
from profiles.ingest.store import ingest_events
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid
from tests.builders.form_traffic import form_view
from tests.builders.forms import live_form
from tests.fixtures.cast import SignIn

PATH = "/settings/site"


@pytest.fixture
def browser(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("shop.example", "shop.example"),
        (" https://WWW.Shop.example/collections?a=b#c ", "www.shop.example"),
        ("http://shop.example:80", "shop.example"),
        ("shop.example:443", "shop.example"),
        ("shop.example:8080", "shop.example:8080"),
        ("*.Shop.example", "*.shop.example"),
        ("https://*.shop.example/", "*.shop.example"),
        ("räksmörgås.se", "xn--rksmrgs-5wao1o.se"),
        ("shop.example.", "shop.example"),
        ("localhost:8001", "localhost:8001"),
        ("127.0.0.1:9000", "127.0.0.1:9000"),
    ],
)
def test_a_domain_is_read_as_people_write_it(text: str, domain: str) -> None:
    assert read_domain(text) == domain
    assert read_domain(domain) == domain
    host = domain.replace("*", "www")
    assert is_own_origin(f"https://{host}", [domain])


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "*.com", "a b.se", "shop..example", "-shop.example", "ftp://shop.example"),
        *("javascript://shop.example", "shop.example:99999", "shop.example:x", "//", "https://"),
        *("anna:secret@shop.example", "a" * 64 + ".se", "w*.shop.example", "*.*.se", "[::1]"),
        *("shop.example\\@evil.example", "shop_example.se"),
    ],
)
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_domain(text)


@given(text=st.text(max_size=80))
def test_any_text_is_a_domain_or_is_refused(text: str) -> None:
    try:
        domain = read_domain(text)
    except Invalid:
        return
    assert read_domain(domain) == domain
    assert domain == domain.lower()


@pytest.mark.django_db
def test_settings_are_saved_each_domain_once(account: Account, browser: Client) -> None:
    values = {
        "domains": "https://shop.example/\n\n*.shop.example\r\nSHOP.example",
        "needs_consent": "on",
        "privacy_url": " https://shop.example/privacy ",
        "sender_name": "Anna at the shop",
        "sender_address": "anna@shop.example",
    }
    before = site_of(account, at=now()).revision
    assert browser.post(PATH, values).status_code == 302
    site = Site.objects.get(account=account)
    assert site.domains == ["shop.example", "*.shop.example"]
    assert (site.needs_consent, site.privacy_url) == (True, "https://shop.example/privacy")
    assert (site.sender_name, site.sender_address) == ("Anna at the shop", "anna@shop.example")
    assert site.revision > before
    assert "https://shop.example/privacy" in browser.get(PATH).content.decode()


@pytest.mark.django_db
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_saved(
    account: Account, browser: Client
) -> None:
    values = {
        "domains": "shop.example\nnot a domain",
        "privacy_url": "javascript:alert(1)",
        "sender_address": "nobody",
    }
    answer = browser.post(PATH, values)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert set(errors) == {"domains", "privacy_url", "sender_address"}
    assert "“not a domain”: A domain is written as" in errors["domains"][0]
    assert "not a domain" in answer.content.decode()
    assert site_of(account, at=now()).domains == []
    many = "\n".join(f"a{number}.example" for number in range(51))
    assert (
        "At most 50" in browser.post(PATH, {"domains": many}).context["form"].errors["domains"][0]
    )
    split = {"sender_name": "Anna\nBcc: x@example.com"}
    answer = browser.post(PATH, split)
    assert answer.status_code == 422 or "\n" not in Site.objects.get().sender_name


@pytest.mark.django_db
def test_the_embed_code_has_this_server_and_the_site_key(account: Account, browser: Client) -> None:
    answer = browser.get(PATH)
    code = (
        f'<script async src="http://testserver/onsite/js/{account.site_key}/klaviyo.js"></script>'
    )
    assert answer.context["code"] == code
    assert "&lt;script async src=" in answer.content.decode()


@pytest.mark.django_db
def test_the_script_s_state_is_that_of_the_last_event_or_view(
    account: Account, other_account: Account, browser: Client
) -> None:
    at = now()
    assert last_contact(account) is None
    assert "never heard of" in browser.get(PATH).content.decode()
    record = {
        "metric": "Active on Site",
        "time": (at - timedelta(days=5)).isoformat(),
        "profile": {"email": "anna@example.com"},
    }
    ingest_events(account=account, records=[record], at=at)
    assert last_contact(account) == at - timedelta(days=5)
    assert "not heard of lately" in browser.get(PATH).content.decode()
    _form, version = live_form(account)
    form_view(version, at=at - timedelta(hours=30))
    form_view(version, at=at - timedelta(hours=3))
    assert last_contact(account) == at - timedelta(hours=3)
    assert "heard of lately" in browser.get(PATH).content.decode()
    assert last_contact(other_account) is None


@pytest.mark.django_db
def test_a_viewer_reads_the_settings(account: Account, viewer: User, sign_in: SignIn) -> None:
    Site.objects.filter(pk=site_of(account, at=now()).pk).update(domains=["shop.example"])
    assert "shop.example" in sign_in(viewer).get(PATH).content.decode()
