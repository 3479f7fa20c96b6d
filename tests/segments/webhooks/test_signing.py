"""Signatures are those of Standard Webhooks."""

from __future__ import annotations

import base64

import pytest

from segments.engine.signature import new_signing_secret, signature, signed_headers
from segments.models import Webhook
from segments.webhooks.editing import OVERLAP
from tests.fixtures.cast import AT

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KNOWN = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""Of the reference implementations' own tests."""


def test_the_known_vector() -> None:
    body = b'{"test": 2432232314}'
    assert signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == KNOWN


@pytest.mark.parametrize(
    ("message_id", "timestamp", "body"),
    [("msg_other", 1614265330, b"{}"), ("msg_a", 1614265331, b"{}"), ("msg_a", 1614265330, b"{} ")],
)
def test_whatever_changes_changes_the_signature(
    message_id: str, timestamp: int, body: bytes
) -> None:
    assert signature(SECRET, message_id, timestamp, body) != signature(
        SECRET, "msg_a", 1614265330, b"{}"
    )


def test_a_secret_is_random_and_long_enough() -> None:
    new_secrets = {new_signing_secret() for _ in range(20)}
    assert len(new_secrets) == 20
    for secret in new_secrets:
        assert secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(secret[6:], validate=True)) <= 64


def test_two_secrets_sign_one_after_the_other() -> None:
    other = new_signing_secret()
    headers = signed_headers([other, SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b"x")
    one, two = headers["webhook-signature"].split(" ")
    assert one == signature(other, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b"x")
    assert two == signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b"x")
    assert headers["webhook-timestamp"] == "1614265330"


def test_the_old_secret_signs_for_a_day() -> None:
    webhook = Webhook(secret="new", old_secret="old", old_secret_until=AT + OVERLAP)
    assert webhook.secrets_at(AT) == ["new", "old"]
    assert webhook.secrets_at(AT + OVERLAP) == ["new"]
    assert Webhook(secret="new").secrets_at(AT) == ["new"]
