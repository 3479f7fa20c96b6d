"""Secrets at rest: they are stored encrypted, keys can be rotated, damaged tokens are refused."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from segmenter.kernel import secrets
from segmenter.kernel.secrets import UnreadableSecret, decrypt, encrypt, secret_columns

FIRST, SECOND = "a" * 40, "b" * 40


@pytest.mark.parametrize("text", ["", "EAAB-token", "åäö 🎉", "x" * 10_000])
def test_a_secret_comes_back_and_does_not_show(text: str) -> None:
    token = encrypt(text)
    assert decrypt(token) == text
    assert not text or text not in token
    assert encrypt(text) != token


def test_the_secret_key_is_not_the_key_itself(settings: Settings) -> None:
    settings.SECRET_KEY = FIRST
    token = encrypt("x")
    settings.SECRET_KEY = SECOND
    with pytest.raises(UnreadableSecret):
        decrypt(token)


def test_an_old_key_decrypts_until_it_is_taken_away(settings: Settings) -> None:
    settings.SEGMENTER_ENCRYPTION_KEYS = [FIRST]
    token = encrypt("x")
    settings.SEGMENTER_ENCRYPTION_KEYS = [SECOND, FIRST]
    assert decrypt(token) == "x"
    settings.SEGMENTER_ENCRYPTION_KEYS = [SECOND]
    with pytest.raises(UnreadableSecret):
        decrypt(token)


@pytest.mark.parametrize("token", ["", "junk", "gAAAAA", "\0", "åäö"])
def test_rubbish_is_unreadable(token: str) -> None:
    with pytest.raises(UnreadableSecret):
        decrypt(token)


@pytest.mark.django_db
def test_rotating_encrypts_every_row_under_the_first_key(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "_ROWS", 2)
    monkeypatch.setattr(secret_columns, "_entries", {"test": ("secrets_of_a_test", "token")})
    settings.SEGMENTER_ENCRYPTION_KEYS = [FIRST]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE secrets_of_a_test (id bigint, token text)")
        tokens = [encrypt(f"token {number}") for number in range(5)]
        cursor.executemany(
            "INSERT INTO secrets_of_a_test VALUES (%s, %s)",
            [*enumerate(tokens, 1), (6, "")],
        )
    settings.SEGMENTER_ENCRYPTION_KEYS = [SECOND, FIRST]
    call_command("rotate_secrets")
    settings.SEGMENTER_ENCRYPTION_KEYS = [SECOND]
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM secrets_of_a_test WHERE token <> '' ORDER BY id")
        texts = [decrypt(token) for (token,) in cursor.fetchall()]
        assert texts == [f"token {number}" for number in range(5)]
        cursor.execute("INSERT INTO secrets_of_a_test VALUES (7, 'junk')")
    with pytest.raises(CommandError, match="1 secrets cannot be read"):
        call_command("rotate_secrets")
