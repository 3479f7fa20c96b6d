"""The script as a file: at Klaviyo's addresses, small, cached, for pages of every domain."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from forms_targeting.engine.sites import site_of
from forms_targeting.onsite.script import form_module, site_script
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from tests.fixtures.cast import Response

pytestmark = pytest.mark.django_db
SIZE_LIMIT = 15_000
"""Bytes, compressed: what a page loads where no form is shown."""


def load(path: str, **headers: str) -> Response:
    return Client().get(path, headers=headers)


def settings_of(response: Response) -> dict[str, object]:
    line = re.search(r"^const SETTINGS = (.*);$", response.content.decode(), re.MULTILINE)
    assert line
    values: dict[str, object] = json.loads(line[1])
    return values


@pytest.mark.parametrize(
    "path",
    [
        "/onsite/js/{key}/klaviyo.js",
        "/onsite/js/{key}/klaviyo.js?company_id={key}",
        "/onsite/js/{key}/klaviyo.js?v=2",
        "/onsite/js/klaviyo.js?company_id={key}",
        "/onsite/js/klaviyo.js?x=1&company_id={key}&env=web",
    ],
)
def test_the_script_is_at_klaviyos_addresses_with_the_sites_settings(
    path: str, account: Account
) -> None:
    response = load(path.format(key=account.site_key))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert settings_of(response) == {
        "site_key": account.site_key,
        "needs_consent": False,
        "form_module": f"/onsite/js/form.js?v={form_module().revision}",
    }


def test_a_site_that_needs_consent_says_so(account: Account) -> None:
    site = site_of(account, at=now())
    site.needs_consent = True
    site.save()
    response = load(f"/onsite/js/{account.site_key}/klaviyo.js")
    assert settings_of(response)["needs_consent"] is True


def test_the_script_is_small(account: Account) -> None:
    script = site_script(site_of(account, at=now()))
    assert len(script.compressed) < SIZE_LIMIT
    assert len(form_module().compressed) < SIZE_LIMIT


def test_pages_of_every_domain_may_load_it_and_keep_it(account: Account) -> None:
    response = load(f"/onsite/js/{account.site_key}/klaviyo.js", origin="https://shop.example")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "public, max-age=300" in response["Cache-Control"]
    assert "Set-Cookie" not in response


def test_a_page_that_has_it_is_told_that_it_is_unchanged(account: Account) -> None:
    path = f"/onsite/js/{account.site_key}/klaviyo.js"
    etag = load(path)["ETag"]
    again = load(path, if_none_match=etag)
    assert (again.status_code, again.content) == (304, b"")
    site = site_of(account, at=now())
    site.needs_consent = True
    site.save()
    assert load(path, if_none_match=etag).status_code == 200


def test_it_is_compressed_for_who_can_read_that(account: Account) -> None:
    path = f"/onsite/js/{account.site_key}/klaviyo.js"
    plain, packed = load(path), load(path, accept_encoding="gzip, br")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] != plain["ETag"]
    assert "Accept-Encoding" in plain["Vary"]


@pytest.mark.parametrize(
    "path",
    [
        "/onsite/js/nobody/klaviyo.js",
        "/onsite/js/klaviyo.js",
        "/onsite/js/klaviyo.js?company_id=",
        "/onsite/js/klaviyo.js?company_id=%2E%2E%2F",
        "/onsite/js/%3Cscript%3E/klaviyo.js",
    ],
)
def test_a_key_that_nobody_has_gets_a_script_that_only_warns(path: str, account: Account) -> None:
    response = load(path)
    assert response.status_code == 200
    assert response.content.count(b"\n") == 1
    assert response.content.startswith(b"console.warn(")


def test_only_reading_is_allowed(account: Account) -> None:
    path = f"/onsite/js/{account.site_key}/klaviyo.js"
    assert Client().post(path).status_code == 405
    assert Client().head(path).status_code == 200


def test_the_module_is_kept_for_good_under_the_address_of_its_revision() -> None:
    current = load(f"/onsite/js/form.js?v={form_module().revision}")
    assert "immutable" in current["Cache-Control"]
    assert current["Access-Control-Allow-Origin"] == "*"
    assert "immutable" not in load("/onsite/js/form.js?v=older")["Cache-Control"]


def test_the_script_costs_one_query(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    site_of(account, at=now())
    load(f"/onsite/js/{account.site_key}/klaviyo.js")  # the process reads the site
    with django_assert_num_queries(1):
        load(f"/onsite/js/{account.site_key}/klaviyo.js")
