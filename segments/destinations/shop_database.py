"""A connection to the shop's own PostgreSQL: to public addresses, resolved once, within limits.

The connection string is a person's: only what says where the database is and who one is there is
taken from it, nothing that names a file or a service of this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.utils.translation import gettext as _
from psycopg.conninfo import conninfo_to_dict

from segments.engine.addresses import Endpoint, Unreachable, resolve
from segments.engine.remote_call import ApiFailure, NeedsAttention, TryAgain

SECONDS = 60
"""For one statement."""
_LOOK_UP, _CONNECT = 5.0, 10
_TAKEN = frozenset({"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert"})
_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})


@contextmanager
def shop_database(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """Connect to a database; leaving the block commits. Raises TryAgain or NeedsAttention."""
    try:
        with psycopg.connect(**_arguments(dsn)) as connection:
            yield connection
    except psycopg.Error as error:
        raise _failure(error) from None


def _arguments(dsn: str) -> dict[str, Any]:
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value}
    except psycopg.Error:
        message = _("This is no address such as postgresql://user:password@host:5432/database.")
        raise NeedsAttention(message) from None
    strange = sorted(parts.keys() - _TAKEN)
    if strange:
        message = _("The address may not hold %(names)s.") % {"names": ", ".join(strange)}
        raise NeedsAttention(message)
    host, port = parts.get("host", ""), parts.get("port", "5432")
    if not host or "/" in host or "," in host or not (port.isascii() and port.isdecimal()):
        raise NeedsAttention(_("The address needs one host, and a port that is a number."))
    if not all(parts.get(name) for name in ("user", "password", "dbname")):
        # What is missing would be taken from the environment of this machine.
        raise NeedsAttention(_("The address needs a user, a password and a database."))
    if parts.get("sslrootcert", "system") != "system":
        raise NeedsAttention(_("The address may not name a file."))
    is_exempt = f"{host.lower()}:{port}" in settings.SEGMENTER_WEBHOOK_ALLOW
    mode = parts.get("sslmode", "prefer" if is_exempt else "require")
    if mode not in _MODES or (mode not in _ENCRYPTED and not is_exempt):
        raise NeedsAttention(_("The connection must be encrypted: sslmode=require or better."))
    return {
        **parts,
        "hostaddr": _resolve(host, int(port), is_exempt=is_exempt),
        "port": int(port),
        "sslmode": mode,
        "connect_timeout": _CONNECT,
        "application_name": "segmenter",
        "client_encoding": "utf8",
        "options": f"-c statement_timeout={SECONDS}s -c idle_in_transaction_session_timeout=300s",
        "tcp_user_timeout": 1000 * SECONDS,
        "gssencmode": "disable",
    }


def _resolve(host: str, port: int, *, is_exempt: bool) -> str:
    endpoint = Endpoint(True, host, port, "/", is_exempt)
    try:
        return resolve(endpoint, seconds=_LOOK_UP)[0]
    except Unreachable as failure:
        raise TryAgain(f"{failure.reason.label} {failure.detail}".strip()) from None


def _failure(error: psycopg.Error) -> ApiFailure:
    """What a failure means: of the connection or the server's state it passes, else not."""
    words = (error.diag.message_primary or str(error)).strip().replace("\n", " ")
    code = error.sqlstate or ""
    if code[:2] in ("28", "3D") or "authentication" in words:
        return NeedsAttention(words)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return TryAgain(words)
    return NeedsAttention(words)
