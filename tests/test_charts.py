"""Charts: ticks, places, and the SVG that the template makes of them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from segmenter.kernel.charts import Band, Bars, Chart, ChartLine, ChartMarker, Panel, draw, ticks


def chart_of(*panels: Panel, n: int, markers: tuple[ChartMarker, ...] = ()) -> Chart:
    return draw(
        key="test",
        title="A <title>",
        summary="What there is to see",
        panels=panels,
        labels=[f"l{i}" for i in range(n)],
        slots=[f"slot {i}" for i in range(n)],
        markers=markers,
    )


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 0, [0, 1]),
        (0, 3, [0, 1, 2, 3]),
        (0, 10, [0, 3, 6, 9, 12]),
        (0, 97, [0, 25, 50, 75, 100]),
        (-7, 12, [-10, -5, 0, 5, 10, 15]),
        (1_190, 1_284, [1_175, 1_200, 1_225, 1_250, 1_275, 1_300]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == expected


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**9), st.booleans(), st.sampled_from([4, 5]))
def test_ticks_hold_what_is_shown(low: int, more: int, whole: bool, most: int) -> None:
    steps = ticks(low, low + more, most=most, whole=whole)
    assert steps[0] <= low
    assert steps[-1] >= low + more
    assert 2 <= len(steps) <= most + 2
    assert len(set(steps)) == len(steps)


def test_a_line_goes_through_the_middle_of_its_slots() -> None:
    chart = chart_of(Panel([ChartLine("Size", [0, 10, None, 5, 5])], 100), n=5)
    panel = chart.panels[0]
    assert [tick.value for tick in panel.ticks] == [0, 5, 10]
    assert panel.lines[0].path == "M100 100L300 0M700 50L900 50"
    assert [x for x, _y in panel.lines[0].dots] == ["10%", "30%", "70%", "90%"]
    assert panel.ticks[0].y == "122"


def test_bars_hang_below_zero_when_negative() -> None:
    panel = chart_of(Panel([Bars("In", [4, 0]), Bars("Out", [-4, 0])], 80), n=2).panels[0]
    assert [tick.value for tick in panel.ticks] == [-5, 0, 5]
    zero = next(float(tick.y) for tick in panel.ticks if tick.is_zero)
    (up,), (down,) = panel.bars[0].bars, panel.bars[1].bars
    assert float(up[1]) + float(up[3]) == pytest.approx(zero, abs=0.2)
    assert float(down[1]) == pytest.approx(zero, abs=0.2)
    assert up[0] == down[0] == "21%"


def test_lines_far_above_zero_are_seen_from_near() -> None:
    near = chart_of(Panel([ChartLine("Size", [1_190, 1_284])]), n=2).panels[0]
    assert near.ticks[0].value == 1_175
    with_bars = chart_of(
        Panel([ChartLine("Size", [1_190, 1_284]), Bars("In", [1, 2])]), n=2
    ).panels[0]
    assert with_bars.ticks[0].value == 0
    flat = chart_of(Panel([ChartLine("Size", [7, 7])]), n=2).panels[0]
    assert flat.ticks[0].value == 0


def test_not_every_slot_has_a_label_and_few_where_it_is_narrow() -> None:
    chart = chart_of(Panel([ChartLine("Size", [1.0] * 400)]), n=400)
    assert len(chart.labels) == 8
    assert [label.is_minor for label in chart.labels] == [False, True] * 4
    assert chart.labels[0].anchor == "start"
    assert chart.panels[0].lines[0].dots == []


def test_only_slots_with_a_name_are_labelled() -> None:
    chart = draw(
        key="hours",
        title="Hours",
        summary="",
        panels=[Panel([Bars("In", [1] * 72)])],
        labels=["" if hour % 24 else f"day {hour // 24}" for hour in range(72)],
        slots=[""] * 72,
    )
    assert [(label.text, label.is_minor) for label in chart.labels] == [
        ("day 0", False),
        ("day 1", False),
        ("day 2", False),
    ]


def test_a_few_bars_are_not_wider_than_they_need_be() -> None:
    ((x, _y, width, _height),) = chart_of(Panel([Bars("In", [1])]), n=1).panels[0].bars[0].bars
    assert (x, width) == ("46%", "8%")


def test_no_name_of_a_marker_covers_another() -> None:
    markers = tuple(ChartMarker(place, f"v{place}", "") for place in (9.9, 0, 0.5, 1, 5, 9.5))
    chart = chart_of(Panel([ChartLine("Size", [1.0] * 10)]), n=10, markers=markers)
    assert [(marker.x, marker.name, marker.anchor) for marker in chart.markers] == [
        ("0%", "v0", "start"),
        ("5%", "", "start"),
        ("10%", "v1", "start"),
        ("50%", "v5", "start"),
        ("95%", "v9.5", "end"),
        ("99%", "", "end"),
    ]


def test_series_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        chart_of(Panel([ChartLine("Size", [1.0])]), n=2)
    with pytest.raises(ValueError, match="not zero"):
        chart_of(Panel([ChartLine("Size", [])]), n=0)


@pytest.mark.parametrize("language", ["en", "sv", "pl"])
def test_the_svg_is_the_same_in_every_language_but_for_its_numbers(language: str) -> None:
    chart = chart_of(
        Panel([ChartLine("Size <b>", [1_000, 25_000.5])]),
        Panel([Bars("In", [3, 4], 2), Bars("Out", [-1, 0], 3)], 1_200),
        n=2,
        markers=(ChartMarker(0.25, "v<2>", "Edited"),),
    )
    with translation.override(language):
        text = render_to_string("_chart.html", {"chart": chart})
    figure = ElementTree.fromstring(text.strip())
    assert "style=" not in text
    plot = figure.find(".//svg[@role='img']")
    assert plot is not None
    assert plot.attrib["height"] == str(chart.height)
    assert plot.findtext("title") == "A <title>"
    assert plot.findtext("desc") == "What there is to see"
    numbers = {"x", "y", "x1", "x2", "y1", "y2", "width", "height", "cx", "cy"}
    for element in figure.iter():
        for name, value in element.attrib.items():
            if name in numbers:
                float(value.removesuffix("%"))
    grouped = {"en": "10,000", "sv": "10\xa0000", "pl": "10\xa0000"}[language]
    assert grouped in text


def test_a_band_lies_between_its_values_and_the_axis_holds_both() -> None:
    chart = chart_of(Panel([Band("Range", [2, 4], [8, 6])], 100), n=2)
    (band,) = chart.panels[0].bands
    assert band.path == "M250 20L750 40L750 60L250 80Z"
    assert chart.legend == [("Range", 1, "band")]


def test_an_axis_holds_what_it_is_told_to() -> None:
    panel = chart_of(Panel([ChartLine("Risk", [90, 95])], 200, holds=(0, 100)), n=2).panels[0]
    assert [tick.value for tick in panel.ticks] == [0, 25, 50, 75, 100]
