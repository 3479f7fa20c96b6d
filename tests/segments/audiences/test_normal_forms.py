"""The forms in which texts are hashed, with the examples that networks publish."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segments.audiences.normal_forms import (
    email,
    family_name,
    given_name,
    google_email,
    letters,
    money,
    phone,
    phone_digits,
    plain_letters,
    postcode,
    sha256,
)


@pytest.mark.parametrize(
    ("form", "hashed"),
    [
        # Meta, "Customer Information Parameters": input, normalized format, expected output.
        (
            email("John_Smith@gmail.com"),
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        ),
        (
            phone_digits("(650)555-1212", "US"),
            "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
        ),
        (letters("Mary"), "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        (letters("정"), "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
        (letters("Valéry"), "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
        (
            plain_letters("New York"),
            "350c754ba4d38897693aa077ef43072a859d23f613443133fecbbd90a3512ca5",
        ),
        ("us", "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
        ("f", "252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111"),
        ("19970216", "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"),
        # TikTok, "How to create a Custom Audience with a customer file".
        (
            email(" Jane Doe@gmail.com "),
            "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
        ),
    ],
)
def test_published_examples_have_the_published_hash(form: str, hashed: str) -> None:
    assert sha256(form) == hashed


def test_nothing_is_never_hashed() -> None:
    assert sha256("") == ""


@pytest.mark.parametrize(
    ("text", "plain", "at_google"),
    [
        # Google, "Format user data" (Data Manager API).
        (
            "cloudy.sanfrancisco+shopping@gmail.com",
            "cloudy.sanfrancisco+shopping@gmail.com",
            "cloudysanfrancisco@gmail.com",
        ),
        ("user.name+NYC@Example.com", "user.name+nyc@example.com", "user.name+nyc@example.com"),
        (" A.B@GoogleMail.com\n", "a.b@googlemail.com", "ab@googlemail.com"),
        (
            "anna.lind@gmail.com.evil.se",
            "anna.lind@gmail.com.evil.se",
            "anna.lind@gmail.com.evil.se",
        ),
        ("åsa@exämple.se", "åsa@exämple.se", "åsa@exämple.se"),
        ("a\u030asa@example.se", "åsa@example.se", "åsa@example.se"),
        ("+tag@gmail.com", "+tag@gmail.com", ""),
        ("...@gmail.com", "...@gmail.com", ""),
        ("no-address", "", ""),
        ("@example.com", "", ""),
        ("a@b@example.com", "", ""),
        ("a@localhost", "", ""),
        ("a@.", "", ""),
        ("", "", ""),
    ],
)
def test_an_address_keeps_dots_and_plus_but_for_gmail_at_google(
    text: str, plain: str, at_google: str
) -> None:
    assert email(text) == plain
    assert google_email(text) == at_google


@pytest.mark.parametrize(
    ("text", "country", "form"),
    [
        ("+46701234567", "", "+46701234567"),
        ("+46 070-123 45 67", "", "+46701234567"),
        ("+460701234567", "", "+46701234567"),
        ("0046 70 123 45 67", "", "+46701234567"),
        ("070-123 45 67", "SE", "+46701234567"),
        ("070-123 45 67", "", ""),
        ("(657)777-0000", "US", "+16577770000"),  # TikTok's example
        ("+374-93-828222", "", "+37493828222"),  # TikTok's example
        ("+39 06 1234 5678", "", "+390612345678"),  # Italy keeps the zero
        ("+44 844 412 4653", "", "+448444124653"),  # Meta's example
        ("+1", "", ""),
        ("call me 🎉", "SE", ""),
        ("", "SE", ""),
    ],
)
def test_a_phone_number_is_e164(text: str, country: str, form: str) -> None:
    assert phone(text, country) == form
    assert phone_digits(text, country) == form.removeprefix("+")


@pytest.mark.parametrize(
    ("text", "accents", "plain"),
    [
        ("Åsa", "åsa", "asa"),
        ("A\u030asa", "åsa", "asa"),
        ("O’Brien-Smith Jr.", "obriensmithjr", "obriensmithjr"),
        (" Anna  Maria 🎉 3 ", "annamaria", "annamaria"),
        ("Łódź", "łódź", "lodz"),
        ("Saint-Étienne", "saintétienne", "saintetienne"),
        ("St. Louis", "stlouis", "stlouis"),
        ("北京", "北京", "北京"),
        ("=1+1", "", ""),
        ("", "", ""),
    ],
)
def test_names_keep_letters_alone(text: str, accents: str, plain: str) -> None:
    assert letters(text) == accents
    assert plain_letters(text) == plain


@pytest.mark.parametrize(
    ("first", "form"),
    [(" Mrs. Anna  Maria ", "anna maria"), ("Dr", "dr"), ("Zoë", "zoë"), ("Jean-Luc", "jean-luc")],
)
def test_a_first_name_has_no_title(first: str, form: str) -> None:
    assert given_name(first) == form


@pytest.mark.parametrize(
    ("last", "form"),
    [
        ("O'Brien Jr.", "obrien"),
        ("Smith-Jones III", "smithjones"),
        ("Pérez", "pérez"),
        ("II", "ii"),
    ],
)
def test_a_last_name_has_no_signs_and_no_suffix(last: str, form: str) -> None:
    assert family_name(last) == form


@pytest.mark.parametrize(
    ("code", "country", "form"),
    [
        ("94035", "US", "94035"),
        ("94104-1207", "US", "94104"),
        ("941041207", "US", "94104"),
        ("2138", "US", "02138"),
        ("9403", "AU", "9403"),
        ("M1 1AE", "GB", "m11"),
        ("sw1a1aa", "GB", "sw1a1"),
        ("SW1A", "GB", "sw1a"),
        ("111 20", "SE", "11120"),
        ("SE-111 20", "SE", "11120"),
        ("1234 AB", "NL", "1234ab"),
        ("１００-０００１", "JP", "1000001"),
        ("94104-1207", "", "941041207"),
        ("?", "US", ""),
        ("?", "GB", ""),
        ("", "SE", ""),
    ],
)
def test_a_postcode_is_cut_as_its_country_is(code: str, country: str, form: str) -> None:
    assert postcode(code, country) == form


@pytest.mark.parametrize(
    ("value", "form"),
    [(None, ""), (0.0, "0.00"), (-3.5, "0.00"), (44.5, "44.50"), (1e6, "1000000.00")],
)
def test_a_value_is_never_negative(value: float | None, form: str) -> None:
    assert money(value) == form


@given(st.text(max_size=60), st.sampled_from(["", "SE", "US", "GB", "JP"]))
def test_any_text_has_a_form_that_is_its_own(text: str, country: str) -> None:
    for form in (email, google_email, letters, plain_letters, given_name, family_name):
        once = form(text)
        assert form(once) == once, form
        assert not re.search(r"\s{2}|^\s|\s$", once)
    number = phone(text, country)
    assert number == "" or re.fullmatch(r"\+[1-9][0-9]{3,16}", number)
    assert re.fullmatch(r"[^\s-]*", postcode(text, country))
    assert sha256(email(text)) in ("", hashlib.sha256(email(text).encode()).hexdigest())
