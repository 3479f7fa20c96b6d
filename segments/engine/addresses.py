"""Network addresses to which messages may be sent: public ones, resolved once and then pinned.

A name is resolved only here. The sender connects to the result, so that the name cannot resolve to
another address in between.
"""

from __future__ import annotations

import re
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from segmenter.kernel.errors import Invalid, Problem
from segments.models import Reason

MOST_URL = 2000
_SCHEMES = ("https", "http")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_REST = re.compile(r"[!-~]*")

_REFUSED = tuple(
    ip_network(text)
    for text in (
        # IPv4: IANA's special-purpose registry, multicast, reserved.
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        # A cloud's internal services at an address that looks public (Azure).
        "168.63.129.16/32",
        # IPv6, inside 2000::/3: protocols (Teredo among them), documentation, 6to4, 6bone.
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3ffe::/16",
        "3fff::/20",
    )
)
_UNICAST = ip_network("2000::/3")
_TRANSLATED = ip_network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last 32 bits are an IPv4 address."""


class Unreachable(Exception):
    """No message can be sent to an address; `detail` is the system's error text for the log."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason.value}: {detail}")


@dataclass(frozen=True)
class Endpoint:
    """The parts of a URL. `host` is ASCII; `path` begins with a slash and includes the query."""

    secure: bool
    host: str
    port: int
    path: str
    exempt: bool
    """Chosen by the operator (SEGMENTER_WEBHOOK_ALLOW): may be http, and may be private."""


def read_url(url: str, *, is_trusted: bool = False) -> Endpoint:
    """Parse a webhook's URL. Raises Invalid unless it is https (http only for exempt hosts).

    A trusted URL is a setting of the operator, never something that a person entered in a page.
    """
    parts, host, port = _split(url)
    port = port or (443 if parts.scheme == "https" else 80)
    exempt = is_trusted or f"{host}:{port}" in settings.SEGMENTER_WEBHOOK_ALLOW
    if parts.scheme != "https" and not exempt:
        raise _invalid(_("The address must begin with https://."))
    if not exempt and _is_refused_literal(host):
        raise _invalid(_("The address must be a public one."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(parts.scheme == "https", host, port, path, exempt)


def host_endpoint(host: str, port: int) -> Endpoint:
    """A host that is spoken to otherwise than by HTTP. Raises Invalid for what is none."""
    url = f"https://{f'[{host}]' if ':' in host else host}:{port}/"
    _parts, host, _port = _split(url)
    exempt = f"{host}:{port}" in settings.SEGMENTER_WEBHOOK_ALLOW
    if not exempt and _is_refused_literal(host):
        raise _invalid(_("The address must be a public one."))
    return Endpoint(True, host, port, "/", exempt)


def _split(url: str) -> tuple[SplitResult, str, int | None]:
    if len(url) > MOST_URL:
        raise _invalid(_("The address is longer than %(most)d characters.") % {"most": MOST_URL})
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    plain = _HOST.fullmatch(host) and _REST.fullmatch(parts.path + parts.query)
    # Spaces and line breaks anywhere in the URL: the parser ignores some of them.
    if not plain or re.search(r"[\s\0-\x1f]", url) or port == 0 or parts.scheme not in _SCHEMES:
        raise _invalid(_("This is no address, such as https://example.com/hook."))
    if "@" in parts.netloc or parts.fragment:
        raise _invalid(_("The address must hold no user, password or #."))
    return parts, host, port


def _invalid(message: str) -> Invalid:
    return Invalid(Problem("/url", "invalid", message))


def _is_refused_literal(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet. Raises ValueError if it is not one."""
    ip: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in _TRANSLATED:
            ip = IPv4Address(int(ip) & 0xFFFF_FFFF)
        elif ip not in _UNICAST:
            return False
    return ip.is_global and not any(ip in network for network in _REFUSED)


def resolve(endpoint: Endpoint, *, seconds: float) -> list[str]:
    """Resolve the IP addresses of an endpoint, in the order of the attempts.

    Raises Unreachable if there are none, if it takes longer than `seconds`, or if any of them is
    not public (unless the endpoint is exempt).
    """
    addresses = _look_up(endpoint, seconds)
    if not endpoint.exempt and not all(is_public(address) for address in addresses):
        raise Unreachable(Reason.REFUSED)
    return addresses


def _look_up(endpoint: Endpoint, seconds: float) -> list[str]:
    answers: list[str] = []
    failures: list[Exception] = []

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
            answers.extend(dict.fromkeys(str(info[4][0]) for info in infos))
        except (OSError, UnicodeError) as error:
            failures.append(error)

    # The system's resolver has no timeout: if it takes too long, its thread is abandoned.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if asking.is_alive():
        raise Unreachable(Reason.UNKNOWN_HOST, "no answer in time")
    if failures or not answers:
        raise Unreachable(Reason.UNKNOWN_HOST, str(failures[0]) if failures else "")
    return answers
