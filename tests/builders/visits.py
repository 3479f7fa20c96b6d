"""Visits of a shop's pages, as its script tells them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import jwt
from django.test import Client

from forms_targeting.engine.sites import site_of
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.secrets import decrypt
from tests.fixtures.cast import Response

PATH = "/client/form-decisions"


def signed(account: Account, *, at: datetime | None = None, **claims: Any) -> str:
    """A JWT by which the shop tells who is signed in; valid for an hour unless `exp` is stated."""
    at = at or now()
    secret = decrypt(site_of(account, at=at).identity_secret)
    expires = {"exp": int((at + timedelta(hours=1)).timestamp())}
    return jwt.encode({**expires, **claims}, secret, algorithm="HS256")


def decide(account: Account, **attributes: Any) -> Response:
    """The answer to the question which forms a visitor sees."""
    return Client().post(
        f"{PATH}?company_id={account.site_key}",
        {"data": {"type": "form-decision", "attributes": attributes}},
        content_type="application/json",
    )


def form_keys(account: Account, **attributes: Any) -> list[str]:
    """The keys of the forms that a visitor sees, those first that go first."""
    response = decide(account, **attributes)
    assert response.status_code == 200, response.content
    return [form["id"] for form in response.json()["data"]]
