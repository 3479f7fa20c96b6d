"""SFTP: the pinned key of the server, signing in, and that files are there whole."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest
from pytest_django import Settings

from segments.destinations.kind import DestinationAccess
from segments.destinations.stores.sftp import SftpStore
from segments.engine.remote_call import NeedsAttention, TryAgain
from tests.segments.destinations.stores.access import access_to, new_file
from tests.segments.destinations.stores.sftp_server import PASSWORD, USER, SftpServer, sftp_server

STORE = SftpStore()
CLIENT_KEY = paramiko.RSAKey.generate(2048)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "in").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def server(root: Path, settings: Settings) -> Iterator[SftpServer]:
    with sftp_server(root, CLIENT_KEY) as server:
        settings.SEGMENTER_WEBHOOK_ALLOW = [server.host]
        yield server


def to(server: SftpServer, **changes: str) -> DestinationAccess:
    values = {
        "host": server.host,
        "user": USER,
        "folder": "in",
        "fingerprint": server.host_key.fingerprint,
        "password": PASSWORD,
    } | changes
    secrets = {name: values.pop(name, "") for name in ("password", "private_key")}
    return access_to(None, values, secrets)


def test_a_file_is_put_under_its_name_and_replaced(
    server: SftpServer, root: Path, tmp_path: Path
) -> None:
    assert STORE.check(to(server)) == f"{server.host}:in/"
    assert os.listdir(root / "in") == []
    STORE.put(to(server), "å members.csv", new_file(tmp_path, b"one"))
    where = STORE.put(to(server), "å members.csv", new_file(tmp_path, b"two" * 100_000))
    assert where == f"{server.host}:in/å members.csv"
    assert (root / "in/å members.csv").read_bytes() == b"two" * 100_000
    assert os.listdir(root / "in") == ["å members.csv"]


def test_a_server_without_renaming_over_files_gets_them_too(
    server: SftpServer, root: Path, tmp_path: Path
) -> None:
    server.has_posix_rename = False
    for content in (b"one", b"two"):
        STORE.put(to(server, folder=""), "a.csv", new_file(tmp_path, content))
    assert (root / "a.csv").read_bytes() == b"two"
    assert sorted(os.listdir(root)) == ["a.csv", "in"]


def test_a_file_is_deleted_and_one_that_is_not_there_is_no_error(
    server: SftpServer, root: Path, tmp_path: Path
) -> None:
    STORE.put(to(server), "a.csv", new_file(tmp_path))
    STORE.delete(to(server), "a.csv")
    STORE.delete(to(server), "a.csv")
    assert os.listdir(root / "in") == []


def test_without_a_fingerprint_the_servers_is_said_and_nobody_signs_in(server: SftpServer) -> None:
    with pytest.raises(NeedsAttention) as failure:
        STORE.check(to(server, fingerprint=""))
    assert server.host_key.fingerprint in failure.value.words
    assert server.sign_ins == 0


def test_a_server_with_another_key_is_told_nothing(
    server: SftpServer, root: Path, tmp_path: Path
) -> None:
    other = paramiko.ECDSAKey.generate().fingerprint
    with pytest.raises(NeedsAttention, match="another key"):
        STORE.put(to(server, fingerprint=other), "a.csv", new_file(tmp_path))
    assert (server.sign_ins, os.listdir(root / "in")) == (0, [])


def test_a_private_key_signs_in(server: SftpServer) -> None:
    text = io.StringIO()
    CLIENT_KEY.write_private_key(text)
    STORE.check(to(server, password="", private_key=text.getvalue().replace("\n", "\r\n")))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "other"}, "let this user in"),
        ({"user": "somebody"}, "let this user in"),
        ({"password": ""}, "password or a private key"),
        ({"private_key": "no key"}, "no private key"),
        ({"folder": "nowhere"}, "No such file"),
        ({"host": "no host"}, "no address"),
        ({"host": ""}, "no address"),
        ({"host": "127.0.0.1:99999"}, "no address"),
    ],
)
def test_what_is_wrong_needs_attention(
    server: SftpServer, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(NeedsAttention, match=words):
        STORE.check(to(server, **changes))


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3:22", "169.254.169.254", "[::1]:22"])
def test_a_private_address_is_refused(server: SftpServer, host: str) -> None:
    with pytest.raises((NeedsAttention, TryAgain)):
        STORE.check(to(server, host=host))


def test_a_server_that_is_away_is_tried_again(server: SftpServer) -> None:
    access = to(server)
    server.close()
    with pytest.raises(TryAgain):
        STORE.check(access)
