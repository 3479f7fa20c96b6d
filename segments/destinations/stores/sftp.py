"""A server that takes files by SFTP.

The server's key is pinned: a person compares its fingerprint once and enters it, and nothing is
said to a server that has another one. The address is resolved once and has to be public.
"""

from __future__ import annotations

import io
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import paramiko
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segmenter.kernel.errors import Invalid
from segments.destinations.kind import DestinationAccess
from segments.destinations.store import file_stores
from segments.engine.addresses import Unreachable, host_endpoint, resolve
from segments.engine.remote_call import ApiField, NeedsAttention, TryAgain

SECONDS = 15.0
"""To connect, and between two signs of life of the server."""
_LOOK_UP = 5.0


class SftpStore:
    label = "SFTP"
    text = _("A server that takes files by SFTP.")
    rank = 30
    fixed: Mapping[str, Any] = {}
    most_rows = None
    fields = (
        ApiField("host", _("Server"), _("As files.example.com, or files.example.com:2222")),
        ApiField("user", _("User")),
        ApiField("folder", _("Folder"), _("Where it is after signing in"), is_required=False),
        ApiField(
            "fingerprint",
            _("Fingerprint of the server's key"),
            _(
                "As SHA256:…. Leave it empty to be told it, and compare it with what the server's "
                "operator says."
            ),
            is_required=False,
        ),
        ApiField("password", _("Password"), is_secret=True, is_required=False),
        ApiField(
            "private_key",
            _("Private key"),
            _("In place of a password: OpenSSH or PEM, without a passphrase"),
            is_secret=True,
            is_required=False,
        ),
    )

    def check(self, access: DestinationAccess) -> str:
        with _session(access) as (sftp, folder):
            probe = f"{folder}.{uuid4().hex}"
            sftp.open(probe, "wx").close()
            sftp.remove(probe)
        return f"{access.settings['host'].strip()}:{folder or '.'}"

    def put(self, access: DestinationAccess, name: str, path: Path) -> str:
        with _session(access) as (sftp, folder):
            part = f"{folder}.{uuid4().hex}.part"
            try:
                sftp.put(str(path), part)  # and compares the size
                _replace(sftp, part, folder + name)
            except BaseException:
                with suppress(OSError, EOFError, paramiko.SSHException):
                    sftp.remove(part)
                raise
        return f"{access.settings['host'].strip()}:{folder}{name}"

    def delete(self, access: DestinationAccess, name: str) -> None:
        with _session(access) as (sftp, folder), suppress(FileNotFoundError):
            sftp.remove(folder + name)


@contextmanager
def _session(access: DestinationAccess) -> Iterator[tuple[paramiko.SFTPClient, str]]:
    """Sign in; give the session and the folder as what stands before a name.

    Raises TryAgain or NeedsAttention for what fails within, too.
    """
    folder = access.settings.get("folder", "").strip()
    if not folder.isprintable() or len(folder) > 500:
        raise NeedsAttention(gettext("This is no name of a folder."))
    keys = _private_keys(access.secrets.get("private_key", ""))
    wire = _connect(access.settings["host"])
    transport = None
    try:
        transport = paramiko.Transport(wire)
        transport.banner_timeout = transport.auth_timeout = SECONDS
        transport.start_client(timeout=SECONDS)
        _check_server(transport.get_remote_server_key().fingerprint, access)
        _sign_in(transport, access, keys)
        sftp = paramiko.SFTPClient.from_transport(transport)
        if sftp is None:
            raise NeedsAttention(gettext("The server does not speak SFTP."))
        channel = sftp.get_channel()
        if channel is not None:
            channel.settimeout(SECONDS)
        yield sftp, f"{folder.rstrip('/')}/" if folder else ""
    except (PermissionError, FileNotFoundError) as error:
        raise NeedsAttention(_words(error)) from None
    except paramiko.AuthenticationException:
        raise NeedsAttention(gettext("The server does not let this user in.")) from None
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise TryAgain(_words(error)) from None
    finally:
        if transport is not None:
            transport.close()
        wire.close()


def _connect(text: str) -> socket.socket:
    host, _colon, port = text.strip().rpartition(":")
    if not _colon or not re.fullmatch("[0-9]{1,5}", port):
        host, port = text.strip(), "22"
    try:
        endpoint = host_endpoint(host, int(port))
        addresses = resolve(endpoint, seconds=_LOOK_UP)
    except Unreachable as failure:
        raise TryAgain(f"{failure.reason.label} {failure.detail}".strip()) from None
    except Invalid as failure:
        raise NeedsAttention(str(failure)) from None
    failure_words = ""
    for address in addresses:
        try:
            return socket.create_connection((address, endpoint.port), timeout=SECONDS)
        except OSError as error:
            failure_words = _words(error)
    raise TryAgain(failure_words)


def _check_server(fingerprint: str, access: DestinationAccess) -> None:
    pinned = access.settings.get("fingerprint", "").strip()
    if not pinned:
        raise NeedsAttention(
            gettext(
                "The key of this server has the fingerprint %(fingerprint)s. If the server's "
                "operator says the same, enter it."
            )
            % {"fingerprint": fingerprint}
        )
    if pinned.removeprefix("SHA256:").rstrip("=") != fingerprint.removeprefix("SHA256:"):
        raise NeedsAttention(
            gettext(
                "The server has another key than the one that was confirmed: %(fingerprint)s. "
                "Nothing was sent."
            )
            % {"fingerprint": fingerprint}
        )


def _sign_in(
    transport: paramiko.Transport, access: DestinationAccess, key: paramiko.PKey | None
) -> None:
    user, password = access.settings["user"].strip(), access.secrets.get("password", "")
    if key is not None:
        transport.auth_publickey(user, key)
    elif password:
        transport.auth_password(user, password)
    else:
        raise NeedsAttention(gettext("Enter a password or a private key."))


def _private_keys(text: str) -> paramiko.PKey | None:
    """The key of a text; None without one. Raises NeedsAttention for what is none."""
    if not text.strip():
        return None
    content = text.strip().replace("\r\n", "\n") + "\n"
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError, IndexError):
            return kind.from_private_key(io.StringIO(content))
    raise NeedsAttention(gettext("This is no private key without a passphrase."))


def _replace(sftp: paramiko.SFTPClient, part: str, name: str) -> None:
    """Rename, over a file of that name."""
    try:
        sftp.posix_rename(part, name)
    except OSError:  # a server without OpenSSH's extension
        with suppress(FileNotFoundError):
            sftp.remove(name)
        sftp.rename(part, name)


def _words(error: Exception) -> str:
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(words)


file_stores.add("sftp", SftpStore())
