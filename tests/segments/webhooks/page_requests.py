"""Addresses of the pages of webhooks."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from segmenter.accounts.models import User
from segments.models import Webhook
from tests.fixtures.cast import SignIn

FORM = {
    "name": "CRM",
    "url": "https://example.com/hook",
    "which": "all",
    "entering": "on",
    "leaving": "on",
}


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def address(name: str, webhook: Webhook | None = None) -> str:
    return reverse(f"webhooks:{name}", args=[webhook.key] if webhook else [])
