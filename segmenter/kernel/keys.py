"""Short public keys (such as "UMTLbD") and long secrets."""

from __future__ import annotations

import hashlib
import secrets
import string

_ALPHABET = string.ascii_letters + string.digits
KEY_LENGTH = 6


def new_key() -> str:
    """Return six random letters and digits, beginning with a letter."""
    rest = "".join(secrets.choice(_ALPHABET) for _ in range(KEY_LENGTH - 1))
    return secrets.choice(string.ascii_letters) + rest


def new_secret() -> str:
    """Return 40 random URL-safe characters (240 bits)."""
    return secrets.token_urlsafe(30)


def digest(secret: str) -> str:
    """Return the digest of a long random secret, which is stored in its place: SHA-256, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
