"""S3: signatures, parts of large files, what goes wrong, and which addresses are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from segments.destinations.kind import DestinationAccess
from segments.destinations.stores import s3
from segments.destinations.stores.s3 import S3Store, authorization
from segments.engine.remote_call import NeedsAttention, TryAgain
from tests.segments.destinations.stores.access import access_to, new_file
from tests.segments.destinations.stores.s3_server import KEY, REGION, SECRET, S3Server, s3_server

STORE = S3Store()
NAME = "Big spenders åäö +&=%? 2026-11-29.csv"


@pytest.fixture
def server(settings: Settings) -> Iterator[S3Server]:
    with s3_server() as server:
        settings.SEGMENTER_WEBHOOK_ALLOW = [f"127.0.0.1:{server.server_port}"]
        yield server


def to(server: S3Server, **changes: str) -> DestinationAccess:
    values = {"endpoint": server.url, "region": REGION, "bucket": "reports", "prefix": "daily/x"}
    values |= {"access_key": KEY, "secret_key": SECRET} | changes
    return access_to(None, values, {"secret_key": values.pop("secret_key")})


def test_a_signature_is_that_of_amazons_own_example() -> None:
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "range": "bytes=0-9",
        "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-amz-date": "20130524T000000Z",
    }
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    text = authorization(
        "GET", "/test.txt", "", headers, "AKIAIOSFODNN7EXAMPLE", secret, "us-east-1"
    )
    assert text.endswith(
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_a_file_is_put_under_its_name_and_replaced(server: S3Server, tmp_path: Path) -> None:
    assert STORE.check(to(server)) == "s3://reports/daily/x/"
    assert server.objects == {}
    where = STORE.put(to(server), NAME, new_file(tmp_path, b"one"))
    STORE.put(to(server), NAME, new_file(tmp_path, b"two"))
    assert where == f"s3://reports/daily/x/{NAME}"
    assert server.objects == {f"reports/daily/x/{NAME}": b"two"}


def test_a_large_file_is_sent_in_parts(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PART", 1000)
    content = bytes(range(256)) * 10
    STORE.put(to(server, prefix=""), "a.csv", new_file(tmp_path, content))
    assert server.objects == {"reports/a.csv": content}
    assert (server.largest, server.uploads) == (1000, {})


@pytest.mark.parametrize("place", [1, 2, 3])
def test_an_upload_that_fails_leaves_the_older_file_and_no_parts(
    server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    STORE.put(to(server, prefix=""), "a.csv", new_file(tmp_path, b"old"))
    monkeypatch.setattr(s3, "PART", 1000)
    server.faults = [0] * place + [503]
    with pytest.raises(TryAgain, match="503"):
        STORE.put(to(server, prefix=""), "a.csv", new_file(tmp_path, b"x" * 1500))
    assert (server.objects, server.uploads) == ({"reports/a.csv": b"old"}, {})


def test_a_file_is_deleted_and_one_that_is_not_there_is_no_error(
    server: S3Server, tmp_path: Path
) -> None:
    STORE.put(to(server), NAME, new_file(tmp_path))
    STORE.delete(to(server), NAME)
    STORE.delete(to(server), NAME)
    assert server.objects == {}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret_key": "other"}, "SignatureDoesNotMatch"),
        ({"access_key": "AKIAOTHER"}, "InvalidAccessKeyId"),
        ({"region": "us-east-1"}, "AuthorizationHeaderMalformed"),
        ({"region": "../x"}, "region"),
        ({"bucket": "a/b"}, "bucket"),
        ({"bucket": "a..b"}, "bucket"),
        ({"prefix": "../other"}, "folder"),
        ({"access_key": "a\r\nx: y"}, "access key"),
    ],
)
def test_what_is_wrong_needs_attention(
    server: S3Server, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(NeedsAttention, match=words):
        STORE.check(to(server, **changes))
    assert server.objects == {}


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_passes_is_tried_again(server: S3Server, status: int) -> None:
    server.faults = [status]
    with pytest.raises(TryAgain):
        STORE.check(to(server))


@pytest.mark.parametrize("status", [301, 307])
def test_no_redirect_is_followed(server: S3Server, status: int) -> None:
    server.faults = [status]
    with pytest.raises(NeedsAttention):
        STORE.check(to(server))


@pytest.mark.parametrize(
    "endpoint",
    [
        *("http://s3.amazonaws.com", "https://127.0.0.1", "https://169.254.169.254"),
        *("https://[::1]", "https://10.0.0.1:9000", "https://a.example/path", "ftp://a.example"),
        *("https://user:pw@a.example", "", "https://a.example?x=1"),
    ],
)
def test_an_address_that_is_private_or_none_is_refused(endpoint: str) -> None:
    values = {"endpoint": endpoint, "region": REGION, "bucket": "reports", "access_key": KEY}
    with pytest.raises(NeedsAttention):
        STORE.check(access_to(None, values, {"secret_key": SECRET}))


def test_a_name_of_a_private_address_is_not_connected_to() -> None:
    values = {"endpoint": "https://localhost", "region": REGION, "bucket": "reports"}
    with pytest.raises((TryAgain, NeedsAttention)):
        STORE.check(access_to(None, values | {"access_key": KEY}, {"secret_key": SECRET}))
