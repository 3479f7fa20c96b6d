"""Numbers in words are rounded, and never cut off."""

from __future__ import annotations

import re

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from predictions.pages.wording import number, percent


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.7, 0, "1"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (1.999, 2, "2.00"),
        (1.005, 2, "1.01"),
        (1234.5678, 2, "1,234.57"),
        (999_999.6, 0, "1,000,000"),
        (-0.4, 0, "0"),
        (-1.5, 0, "-2"),
        (1e-9, 2, "0.00"),
        (1e16, 0, "10,000,000,000,000,000"),
        (1e30, 0, f"1{',000' * 10}"),
        (7, 0, "7"),
    ],
)
def test_a_number_is_rounded_half_up(value: float, digits: int, text: str) -> None:
    assert number(value, digits) == text


def test_a_share_is_rounded_and_written_as_the_language_does() -> None:
    assert percent(0.666) == "67 %"
    with translation.override("sv"):
        assert re.sub(r"\s", " ", number(1234.56, 1)) == "1 234,6"


@given(st.floats(-1e12, 1e12), st.integers(0, 4))
def test_the_text_is_never_further_away_than_half_a_digit(value: float, digits: int) -> None:
    text = number(value, digits).replace(",", "")
    assert abs(float(text) - value) <= 0.5 * 10**-digits + abs(value) * 1e-15 + 1e-12
