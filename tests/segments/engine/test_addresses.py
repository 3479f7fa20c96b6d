"""Where webhooks may go: to public addresses, over https, and nowhere else."""

from __future__ import annotations

import socket
import threading

import pytest
from pytest_django import Settings

from segmenter.kernel.errors import Invalid
from segments.engine.addresses import Unreachable, is_public, read_url, resolve
from segments.models import Reason

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:400f:80d::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_nothing_is_sent_to(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "//example.com/hook",
        "example.com/hook",
        "",
        "https://",
        "https:///hook",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/#part",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:x/",
        "https://exa mple.com/",
        "https://example.com/a b",
        "https://example.com/\r\nX-Evil: 1",
        "https://example.com/\thook",
        "https://example.com/\x00",
        "https://example.com/ä",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://example.com/" + "a" * 2000,
        "https://" + "a" * 64 + ".example.com/",
    ],
)
def test_addresses_that_cannot_be_saved(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_url(url)
    assert refused.value.problems[0].pointer == "/url"


def test_a_url_taken_apart() -> None:
    plain = read_url("https://Example.com/hook?a=1")
    assert (plain.secure, plain.host, plain.port) == (True, "example.com", 443)
    assert (plain.path, plain.exempt) == ("/hook?a=1", False)
    assert read_url("https://example.com").path == "/"
    assert read_url("https://example.com:8443/").port == 8443
    assert read_url("https://bücher.example/").host == "xn--bcher-kva.example"
    assert read_url("https://[2606:4700:4700::1111]/").host == "2606:4700:4700::1111"


def test_the_operator_can_except_a_host_and_port(settings: Settings) -> None:
    settings.SEGMENTER_WEBHOOK_ALLOW = ["localhost:9000"]
    endpoint = read_url("http://localhost:9000/hook")
    assert (endpoint.secure, endpoint.exempt) == (False, True)
    assert {"127.0.0.1", "::1"} >= set(resolve(endpoint, seconds=5))
    for url in ("http://localhost:9001/", "http://localhost/", "http://127.0.0.1:9000/"):
        with pytest.raises(Invalid):
            read_url(url)


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0"]
)
def test_a_name_that_leads_inside_is_refused_when_it_is_looked_up(host: str) -> None:
    with pytest.raises(Unreachable) as refused:
        resolve(read_url(f"https://{host}/"), seconds=5)
    assert refused.value.reason == Reason.REFUSED


def test_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*addresses: str) -> None:
        resolved = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443)) for a in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: resolved)

    endpoint = read_url("https://example.com/")
    answer("8.8.8.8", "8.8.4.4", "8.8.8.8")
    assert resolve(endpoint, seconds=5) == ["8.8.8.8", "8.8.4.4"]
    answer("8.8.8.8", "10.0.0.1")
    with pytest.raises(Unreachable) as refused:
        resolve(endpoint, seconds=5)
    assert refused.value.reason == Reason.REFUSED
    assert "10.0.0.1" not in str(refused.value)


def test_an_unknown_host_and_a_resolver_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Unreachable) as refused:
        resolve(read_url("https://nothing.invalid/"), seconds=20)
    assert refused.value.reason == Reason.UNKNOWN_HOST
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30) and [])
    with pytest.raises(Unreachable) as late:
        resolve(read_url("https://example.com/"), seconds=0.05)
    over.set()
    assert late.value.reason == Reason.UNKNOWN_HOST
