"""Addresses of pages: which patterns they are equal to, and what they contain."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_targeting.rules.addresses import address_holds, read_address
from forms_targeting.rules.patterns import is_match, text_pieces
from tests.draws import draws

EQUAL = [
    # the scheme, the host and the slash at the end
    ("https://shop.example/sale", "https://shop.example/sale", True),
    ("https://shop.example/sale", "http://shop.example/sale", True),
    ("https://shop.example/sale", "//shop.example/sale", True),
    ("https://shop.example/sale", "shop.example/sale", True),
    ("https://shop.example/sale", "/sale", True),
    ("https://SHOP.Example/sale", "shop.example/sale", True),
    ("https://shop.example/sale", "SHOP.EXAMPLE/sale", True),
    ("https://shop.example/sale/", "/sale", True),
    ("https://shop.example/sale", "/sale/", True),
    ("https://shop.example", "shop.example", True),
    ("https://shop.example/", "shop.example", True),
    ("https://shop.example", "/", True),
    ("https://shop.example/sale", "/", False),
    ("https://shop.example./sale", "shop.example/sale", True),
    ("https://www.shop.example/", "shop.example", False),
    ("https://other.example/sale", "shop.example/sale", False),
    ("https://shop.example/on/sale", "/sale", False),
    ("https://shop.example/sales", "/sale", False),
    # case, percent-encoding, composed letters
    ("https://shop.example/Sale", "/sale", True),
    ("https://shop.example/caf%C3%A9", "/café", True),
    ("https://shop.example/café", "/caf%c3%a9", True),
    ("https://shop.example/cafe\u0301", "/caf\u00e9", True),
    ("https://shop.example/a%20b", "/a b", True),
    ("https://shop.example/a+b", "/a b", False),
    ("https://shop.example/100%", "/100%", True),
    ("https://shop.example/%FF", "/%FF", True),
    # ports, names, hosts in other scripts
    ("https://shop.example:443/sale", "shop.example/sale", True),
    ("http://shop.example:80/sale", "shop.example:80/sale", True),
    ("http://shop.example:8080/sale", "shop.example/sale", False),
    ("http://shop.example:8080/sale", "shop.example:8080/sale", True),
    ("https://anna:secret@shop.example/sale", "shop.example/sale", True),
    ("https://xn--bcher-kva.example/", "bücher.example", True),
    ("https://xn--bcher-kva.example/", "BÜCHER.example", True),
    ("https://bücher.example/", "xn--bcher-kva.example", True),
    ("https://xn--strae-oqa.example/", "straße.example", True),
    ("https://[2001:db8::1]/sale", "[2001:db8::1]/sale", True),
    # the query and the fragment
    ("https://shop.example/sale?utm_source=mail", "/sale", True),
    ("https://shop.example/sale#top", "/sale", True),
    ("https://shop.example/p?id=1&color=red", "/p?color=red", True),
    ("https://shop.example/p?color=red&id=1", "/p?id=1&color=red", True),
    ("https://shop.example/p?color=Red", "/p?color=red", True),
    ("https://shop.example/p?color=blue", "/p?color=red", False),
    ("https://shop.example/p", "/p?color=red", False),
    ("https://shop.example/p?color=dark+red", "/p?color=dark%20red", True),
    ("https://shop.example/p?color=dark%2Bred", "/p?color=dark%2Bred", True),
    ("https://shop.example/p?color=blue&color=red", "/p?color=red", True),
    ("https://shop.example/p?preview", "/p?preview", True),
    ("https://shop.example/p?preview=1", "/p?preview", True),
    ("https://shop.example/p?id=12", "/p?id=1*", True),
    ("https://shop.example/p", "/p?", True),
    ("https://shop.example/#/sale", "/#/sale", True),
    ("https://shop.example/#/sale/tea", "/#/sale*", True),
    ("https://shop.example/#/tea", "/#/sale*", False),
    # stars
    ("https://shop.example/products/tea/green", "/products/*", True),
    ("https://shop.example/products/", "/products/*", True),
    ("https://shop.example/products", "/products/*", True),
    ("https://shop.example/productsheet", "/products/*", False),
    ("https://shop.example/products/tea", "/products*", True),
    ("https://shop.example/en/products/tea", "/*/products/*", True),
    ("https://shop.example/en/products/tea", "*/products/*", True),
    ("https://www.shop.example/x", "*.shop.example/*", True),
    ("https://shop.example/x", "*.shop.example/*", False),
    ("https://shop.example/x", "*", True),
    ("https://shop.example/a*b", "/a%2Ab", True),
    ("https://shop.example/axb", "/a%2Ab", False),
    ("https://shop.example/tea", "/*a*a*", False),
    ("https://shop.example/aa", "/*a*a*", True),
    ("https://shop.example/ab", "/ab*ab", False),
]
CONTAINED = [
    ("https://shop.example/en/sale?x=1#top", "sale", True),
    ("https://shop.example/en/Sale", "/sale", True),
    ("https://shop.example/sale", "/sale/", False),
    ("https://shop.example/p?color=red", "color=red", True),
    ("https://shop.example/#/sale", "#/sale", True),
    ("https://shop.example/sale", "https://shop", True),
    ("https://SHOP.example/sale", "shop.example", True),
    ("https://shop.example/caf%C3%A9", "café", True),
    ("https://shop.example/café", "caf%C3%A9", True),
    ("https://shop.example/p?q=green+tea", "green tea", True),
    ("https://shop.example/p?q=green%20tea", "green+tea", True),
    ("https://xn--bcher-kva.example/", "bücher", True),
    ("https://xn--bcher-kva.example/", "xn--bcher", True),
    ("https://shop.example/en/sale/tea", "en*tea", True),
    ("https://shop.example/en/sale/tea", "tea*en", False),
    ("https://anna:secret@shop.example/", "secret", False),
]
UNREADABLE = [
    "",
    " ",
    "shop.example/sale",
    "/sale",
    "https://",
    "http://[",
    "https://[::1/x",
    "javascript:x",
]


@pytest.mark.parametrize(("url", "pattern", "equals"), EQUAL)
def test_an_address_equals_a_pattern(url: str, pattern: str, equals: bool) -> None:
    assert address_holds({"operator": "equals", "texts": [pattern]}, url) is equals
    assert address_holds({"operator": "not_equals", "texts": [pattern]}, url) is not equals


@pytest.mark.parametrize(("url", "text", "contains"), CONTAINED)
def test_an_address_contains_a_text(url: str, text: str, contains: bool) -> None:
    assert address_holds({"operator": "contains", "texts": [text]}, url) is contains
    assert address_holds({"operator": "not_contains", "texts": [text]}, url) is not contains


@pytest.mark.parametrize("url", UNREADABLE)
@pytest.mark.parametrize("operator", ["contains", "not_contains", "equals", "not_equals"])
def test_no_rule_holds_for_an_address_that_cannot_be_read(url: str, operator: str) -> None:
    assert read_address(url) is None
    assert not address_holds({"operator": operator, "texts": ["*"]}, url)


def test_stars_take_no_time_that_grows_with_their_number() -> None:
    pattern, text = "a*" * 250 + "b", "a" * 8_000
    begin = time.thread_time()
    assert not is_match(text_pieces(pattern), text)
    assert not address_holds({"operator": "equals", "texts": [f"/{pattern}"]}, f"https://x/{text}")
    assert time.thread_time() - begin < 0.5


@settings(max_examples=draws(100, nightly=3_000), deadline=None)
@given(st.lists(st.text("ab/", max_size=4), min_size=1, max_size=5), st.text("ab/", max_size=4))
def test_a_pattern_matches_what_its_stars_are_filled_with(pieces: list[str], filling: str) -> None:
    assert is_match(tuple(pieces), filling.join(pieces))
