"""Secrets of others that we must be able to read again, such as tokens: encrypted at rest.

Fernet (AES-128-CBC with HMAC-SHA256) under keys derived by HKDF-SHA256 from the texts in
SEGMENTER_ENCRYPTION_KEYS, else from SEGMENTER_SECRET_KEY. The first key encrypts, every key
decrypts: a new one is put before the old one, `manage.py rotate_secrets` is run, the old one is
taken away. Passwords and keys that we only have to recognise are hashed elsewhere.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connection, transaction

from segmenter.kernel.registry import Registry

_PURPOSE = b"segmenter: secrets at rest"
_ROWS = 500
"""Rows that are encrypted anew at a time."""

secret_columns: Registry[tuple[str, str]] = Registry("column of secrets")
"""A name to the table and its column of encrypted text; the table's key is `id`."""


class UnreadableSecret(Exception):
    """No key decrypts it: the key was taken away, or the row is another installation's."""


def encrypt(text: str) -> str:
    """Return a text encrypted under the first key."""
    return keys_for(_PURPOSE).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return what was encrypted under any of the keys. Raises UnreadableSecret."""
    try:
        return keys_for(_PURPOSE).decrypt(token.encode()).decode()
    except InvalidToken:
        raise UnreadableSecret from None


def rotate_all() -> tuple[int, int]:
    """Encrypt every secret under the first key; return how many were, and how many no key reads."""
    keys = keys_for(_PURPOSE)
    rotations = unreadable = 0
    for _name, (table, column) in secret_columns.items():
        last = 0
        while True:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT id, {column} FROM {table} WHERE id > %s AND {column} <> ''"
                    " ORDER BY id LIMIT %s FOR NO KEY UPDATE",
                    [last, _ROWS],
                )
                rows = cursor.fetchall()
                for row_id, token in rows:
                    try:
                        rotated = keys.rotate(token.encode()).decode()
                    except InvalidToken:
                        unreadable += 1
                        continue
                    cursor.execute(
                        f"UPDATE {table} SET {column} = %s WHERE id = %s", [rotated, row_id]
                    )
                    rotations += 1
            if not rows:
                break
            last = rows[-1][0]
    return rotations, unreadable


def keys_for(purpose: bytes) -> MultiFernet:
    """Return the keys for one purpose: what is encrypted for another one, they do not decrypt."""
    texts = list(settings.SEGMENTER_ENCRYPTION_KEYS) or [settings.SECRET_KEY]
    return _keys(purpose, tuple(texts))


@lru_cache(16)
def _keys(purpose: bytes, texts: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(purpose, text)) for text in texts])


def _derived(purpose: bytes, text: str) -> bytes:
    raw = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(text.encode())
    return base64.urlsafe_b64encode(raw)
