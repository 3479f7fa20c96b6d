"""Web addresses that a rule compares with the address of a page.

Equal:
- The scheme does not matter: http and https are the same page.
- A pattern begins with a host ("shop.example/sale"), with a scheme and a host, or with "/": then it
  is a path on any host. Hosts are compared in lower case, in their Unicode form ("xn--..." is
  decoded), without the usual ports, names and passwords. "www.shop.example" is another host than
  "shop.example".
- Paths are compared after percent-decoding, in any case. A slash at the end does not matter; so
  "/products/*" is also "/products".
- The query of the page does not matter unless the pattern has one. Then each of its parameters must
  be among those of the page, in any order; the page may have more. A parameter without "=" may have
  any value. "+" is a space.
- The fragment (after "#") does not matter unless the pattern has one.
- "*" stands for any characters, also none and slashes. "%2A" is a star itself.

Contains: the decoded address with scheme, query and fragment has the text in it, in any case; "*"
may be used inside. "+" and a space are the same.

An address that cannot be read matches nothing and is excluded by nothing: no rule about it holds.
Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from forms_targeting.rules.patterns import (
    CONTAINS,
    NEGATIVE,
    NOT_CONTAINS,
    Pieces,
    fold,
    inside,
    is_match,
)

_USUAL_PORTS = (":80", ":443")


@dataclass(frozen=True)
class PageAddress:
    """The address of a page in the form in which it is compared."""

    host: str
    path: str
    """Without a slash at the end; empty for the first page."""
    parameters: Mapping[str, tuple[str, ...]]
    fragment: str
    texts: tuple[str, ...]
    """The whole address: with the host in Unicode and, if that differs, in ASCII."""


@dataclass(frozen=True)
class AddressPattern:
    """What a rule compares with."""

    has_host: bool
    place: Pieces
    """Host and path, or a path only."""
    parameters: tuple[tuple[str, Pieces | None], ...]
    """None: any value."""
    fragment: Pieces | None
    text: Pieces
    """The pieces that are looked for inside the whole address."""


def address_holds(values: Mapping[str, Any], url: str) -> bool:
    """Whether an address is what `values` (an OPERATOR and `texts`) say."""
    address = read_address(url)
    if address is None:
        return False
    operator = values["operator"]
    patterns = map(read_pattern, values["texts"])
    if operator in {CONTAINS, NOT_CONTAINS}:
        matches = any(
            is_match(inside(pattern.text), text) for pattern in patterns for text in address.texts
        )
    else:
        matches = any(_is_equal(pattern, address) for pattern in patterns)
    return matches is not (operator in NEGATIVE)


@lru_cache(1_024)
def read_address(url: str) -> PageAddress | None:
    """Return the address that a browser tells, or None for what is none."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].rstrip(".").lower()
    except ValueError:
        return None
    if not parts.scheme or not host:
        return None
    for port in _USUAL_PORTS:
        host = host.removesuffix(port)
    name = _unicode_host(host)
    query = _decoded(parts.query.replace("+", " "))
    rest = _decoded(parts.path.replace("+", " "))
    rest += f"?{query}" if parts.query else ""
    rest += f"#{_decoded(parts.fragment.replace('+', ' '))}" if parts.fragment else ""
    parameters: dict[str, tuple[str, ...]] = {}
    for parameter, value in _parameters(parts.query):
        key = _decoded(parameter)
        parameters[key] = (*parameters.get(key, ()), _decoded(value))
    return PageAddress(
        host=name,
        path=_decoded(parts.path).rstrip("/"),
        parameters=parameters,
        fragment=_decoded(parts.fragment),
        texts=tuple(dict.fromkeys(f"{parts.scheme}://{each}{rest}" for each in (name, host))),
    )


@lru_cache(4_096)
def read_pattern(pattern: str) -> AddressPattern:
    """Return what a marketer wrote as something to compare with. Every text is a pattern."""
    place, _hash, fragment = pattern.strip().partition("#")
    place, _mark, query = place.partition("?")
    for scheme in ("https://", "http://", "//"):
        if place.lower().startswith(scheme):
            place = place[len(scheme) :]
            break
    has_host = not place.startswith("/")
    host, slash, path = place.partition("/") if has_host else ("", "", place)
    host = host.rstrip(".").lower()
    for port in _USUAL_PORTS:
        host = host.removesuffix(port)
    return AddressPattern(
        has_host=has_host,
        place=_pieces(f"{_unicode_host(host)}{slash}{path}".rstrip("/")),
        parameters=tuple(
            (_decoded(name), _pieces(value) if has_value else None)
            for name, value, has_value in _requirements(query)
        ),
        fragment=_pieces(fragment) if fragment else None,
        text=_pieces(pattern.strip().replace("+", " ")),
    )


def _is_equal(pattern: AddressPattern, address: PageAddress) -> bool:
    place = (address.host if pattern.has_host else "") + address.path
    if not (is_match(pattern.place, place) or is_match(pattern.place, place + "/")):
        return False
    for name, value in pattern.parameters:
        values = address.parameters.get(name, ())
        if not values or (value is not None and not any(is_match(value, v) for v in values)):
            return False
    return pattern.fragment is None or is_match(pattern.fragment, address.fragment)


def _pieces(pattern: str) -> Pieces:
    return tuple(_decoded(piece) for piece in pattern.split("*"))


def _decoded(text: str) -> str:
    return fold(unquote(text, errors="replace"))


def _parameters(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value, _has_value in _requirements(query)]


def _requirements(query: str) -> list[tuple[str, str, bool]]:
    parameters = []
    for parameter in query.replace("+", " ").split("&"):
        name, equals, value = parameter.partition("=")
        if name:
            parameters.append((name, value, bool(equals)))
    return parameters


def _unicode_host(host: str) -> str:
    return fold(".".join(map(_unicode_label, host.split("."))))


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--") or not label.isascii():
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
