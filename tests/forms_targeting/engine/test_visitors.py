"""Visitors: a token of ours or a JWT of the shop proves who somebody is, and nothing else does."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest

from forms_targeting.engine.sites import site_of
from forms_targeting.engine.visitors import LONGEST_JWT, read_jwt, visitor_id
from forms_targeting.models import Site
from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.models import Profile
from profiles.visitor_tokens import VALID_DAYS, visitor_token
from segmenter.accounts.models import Account
from segmenter.kernel.keys import new_secret
from segmenter.kernel.secrets import decrypt, encrypt
from tests.builders.visits import signed
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(account: Account) -> Site:
    return site_of(account, at=AT)


def id_of(site: Site, *, token: str = "", jwt: str = "", at: datetime = AT) -> int | None:
    return visitor_id(site, token=token, signed=jwt, at=at)


def test_a_token_proves_its_person_for_a_year(site: Site, people: list[Profile]) -> None:
    token = visitor_token(site.account, people[0].pk, at=AT)
    assert id_of(site, token=token) == people[0].pk
    assert id_of(site, token=token, at=AT + timedelta(days=VALID_DAYS - 1)) == people[0].pk
    assert id_of(site, token=token, at=AT + timedelta(days=VALID_DAYS + 1)) is None


def test_a_token_of_another_account_proves_nothing(
    site: Site, other_account: Account, people: list[Profile]
) -> None:
    token = visitor_token(other_account, people[0].pk, at=AT)
    assert id_of(site, token=token) is None


def test_a_token_follows_a_merge_and_ends_with_an_erasure(
    site: Site, people: list[Profile]
) -> None:
    token = visitor_token(site.account, people[1].pk, at=AT)
    merge(account=site.account, keep_id=people[0].pk, drop_id=people[1].pk, at=AT)
    assert id_of(site, token=token) == people[0].pk
    erase(account=site.account, profile_id=people[0].pk, at=AT)
    assert id_of(site, token=token) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"external_id": "A-1"},
        {"external_id": " A-1 "},
        {"email": "anna@example.com"},
        {"email": " Anna@Example.COM"},
        {"email": "Anna <anna@example.com>"},
        {"external_id": "unknown-1", "email": "anna@example.com"},
        {"external_id": "A-1", "email": "bo@example.com"},
        {"external_id": None, "email": "anna@example.com"},
        {"external_id": "guest", "email": "anna@example.com"},
        {"email": "anna@example.com", "name": "Anna", "sub": 12, "aud": ["x"]},
    ],
)
def test_the_shop_signs_for_a_person_by_the_strongest_identifier_that_anybody_has(
    site: Site, people: list[Profile], claims: dict[str, Any]
) -> None:
    assert id_of(site, jwt=signed(site.account, at=AT, **claims)) == people[0].pk


def test_the_shop_signs_for_phone_numbers_and_for_our_ids(
    site: Site, people: list[Profile]
) -> None:
    phone = signed(site.account, at=AT, phone_number="+46 70 123 45 67")
    assert id_of(site, jwt=phone) == people[2].pk
    for id_ in (people[1].pk, str(people[1].pk)):
        assert id_of(site, jwt=signed(site.account, at=AT, id=id_)) == people[1].pk


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": "nobody@example.com"},
        {"email": "no address"},
        {"email": ["anna@example.com"]},
        {"email": {"a": 1}},
        {"email": "anna@example.com\0"},
        {"email": "\ud800"},
        {"external_id": "null"},
        {"external_id": True},
        {"external_id": 1e300},
        {"external_id": "x" * 300},
        {"id": 2**70},
        {"id": -1},
        {"id": "A-1"},
        {"anonymous_id": "anna"},
        {"phone_number": "12"},
    ],
)
def test_claims_that_name_nobody_prove_nothing(
    site: Site, people: list[Profile], claims: dict[str, Any]
) -> None:
    assert id_of(site, jwt=signed(site.account, at=AT, **claims)) is None


def test_an_id_of_another_account_proves_nothing(
    other_account: Account, people: list[Profile]
) -> None:
    site = site_of(other_account, at=AT)
    assert id_of(site, jwt=signed(other_account, at=AT, id=people[0].pk)) is None
    assert id_of(site, jwt=signed(other_account, at=AT, email="anna@example.com")) is None


@pytest.mark.parametrize(
    ("hours", "counts"),
    [
        (-1, False),
        (-61 / 3600, False),
        (-59 / 3600, True),
        (0.001, True),
        (1, True),
        (24, True),
        (24 + 59 / 3600, True),
        (24 + 61 / 3600, False),
        (48, False),
        (1e9, False),
    ],
)
def test_a_signature_counts_until_it_expires_and_for_a_day_at_most(
    site: Site, people: list[Profile], hours: float, counts: bool
) -> None:
    expires = AT.timestamp() + hours * 3_600
    token = signed(site.account, at=AT, external_id="A-1", exp=expires)
    assert (id_of(site, jwt=token) == people[0].pk) is counts


@pytest.mark.parametrize("exp", [None, "soon", "1772366400", True, [1], 1e400, -1e400, {}])
def test_a_signature_without_a_usable_end_proves_nothing(
    site: Site, people: list[Profile], exp: Any
) -> None:
    assert id_of(site, jwt=signed(site.account, at=AT, external_id="A-1", exp=exp)) is None


def test_a_signature_for_later_does_not_count_yet(site: Site, people: list[Profile]) -> None:
    for seconds, counts in ((59, True), (61, False)):
        token = signed(site.account, at=AT, external_id="A-1", nbf=AT.timestamp() + seconds)
        assert (id_of(site, jwt=token) is not None) is counts


def segment(document: Any) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_signatures_of_other_algorithms_and_secrets_prove_nothing(
    site: Site, people: list[Profile]
) -> None:
    claims = {"external_id": "A-1", "exp": int(AT.timestamp()) + 60}
    secret = decrypt(site.identity_secret)
    good = jwt.encode(claims, secret, algorithm="HS256")
    header, payload, signature = good.split(".")
    bad = [
        jwt.encode(claims, new_secret(), algorithm="HS256"),
        jwt.encode(claims, secret + "x" * 40, algorithm="HS512"),
        jwt.encode(claims, "", algorithm="none"),
        f"{segment({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        f"{segment({'alg': 'None'})}.{payload}.{signature}",
        f"{segment({'alg': 'HS256', 'crit': ['x']})}.{payload}.{signature}",
        f"{header}.{segment({**claims, 'external_id': 'A-2'})}.{signature}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{good}.x",
        f"{segment('[' * 2_000)}.{payload}.{signature}",
        good + "x" * LONGEST_JWT,
        "a.b.c",
        "...",
        "å.ä.ö",
        "\0",
        "\ud800.x.y",
    ]
    assert id_of(site, jwt=good) == people[0].pk
    assert [token for token in bad if id_of(site, jwt=token) is not None] == []


def test_a_site_without_a_readable_secret_proves_nothing(site: Site, people: list[Profile]) -> None:
    token = signed(site.account, at=AT, external_id="A-1")
    site.identity_secret = encrypt(new_secret())
    assert read_jwt(site, token, at=AT) is None
    for unreadable in ("", "no secret", "å"):
        site.identity_secret = unreadable
        assert read_jwt(site, token, at=AT) is None


def test_who_is_signed_in_goes_before_whose_browser_it_was(
    site: Site, people: list[Profile]
) -> None:
    token = visitor_token(site.account, people[1].pk, at=AT)
    anna = signed(site.account, at=AT, external_id="A-1")
    stranger = signed(site.account, at=AT, external_id="new-customer")
    expired = signed(site.account, at=AT - timedelta(days=2), external_id="A-1")
    assert id_of(site, token=token, jwt=anna) == people[0].pk
    assert id_of(site, token=token, jwt=stranger) is None
    assert id_of(site, token=token, jwt=expired) == people[1].pk
