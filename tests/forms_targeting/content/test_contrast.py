"""The contrast of a form's colors, and the nearest color that can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_targeting.content.contrast import (
    LEAST_RATIO,
    contrast_ratio,
    contrasts_of,
    nearest_readable,
)
from forms_targeting.content.form_content import read_content

colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
ONE_TEXT = [{"id": "start", "blocks": [{"id": "title", "type": "heading", "text": "News"}]}]


@pytest.mark.parametrize(
    ("front", "back", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.478),
        ("#767676", "#ffffff", 4.542),
        ("#ff0000", "#ffffff", 3.998),
        ("#0000ff", "#ffffff", 8.592),
    ],
)
def test_the_ratio_is_that_of_the_guidelines(front: str, back: str, ratio: float) -> None:
    assert contrast_ratio(front, back) == pytest.approx(ratio, abs=0.001)
    assert contrast_ratio(back, front) == contrast_ratio(front, back)


@given(colors, colors)
def test_every_color_has_a_readable_one_near_it(color: str, background: str) -> None:
    fix = nearest_readable(color, background)
    assert contrast_ratio(fix, background) >= LEAST_RATIO
    assert nearest_readable(fix, background) == fix
    if contrast_ratio(color, background) >= LEAST_RATIO:
        assert fix == color


def test_a_pale_gray_becomes_a_little_darker_and_no_more() -> None:
    fix = nearest_readable("#888888", "#ffffff")
    assert LEAST_RATIO <= contrast_ratio(fix, "#ffffff") < 4.7


def style(**values: object) -> dict[str, object]:
    content = read_content({"kind": "popup", "steps": ONE_TEXT, "style": values})
    return dict(content.style)


def test_the_colors_of_a_new_form_can_be_read() -> None:
    assert all(each.is_enough for each in contrasts_of(style()))


def test_what_cannot_be_read_is_named_with_its_ratio_rounded_down() -> None:
    text, button = contrasts_of(style(text="#777777", button="#222222"))
    assert (text.front, text.back, text.is_enough, text.shown_ratio) == (
        *("text", "background"),
        *(False, 4.4),
    )
    assert button.is_enough


def test_the_colors_of_the_shops_page_are_not_judged() -> None:
    assert contrasts_of(style(from_page=True, text="#ffffff")) == []
