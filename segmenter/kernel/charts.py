"""Charts as SVG: computes the positions of lines, bars and labels from series of numbers.

Knows no meaning and no colours: `templates/_chart.html` renders a chart and `charts.css` styles it.
Horizontal positions are in percent, so that a chart fills its container; vertical ones in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ROOM_ABOVE = 22
"""Pixels over the first panel, for the markers."""
GAP = 28
"""Pixels between panels."""
ROOM_BELOW = 26
"""Pixels for the labels of the x axis."""
MOST_DOTS = 62
"""A line of more points has no dots."""
BAR = 0.7
"""Width of a bar as a share of its slot,"""
WIDEST_BAR = 0.08
"""and at most as a share of the chart."""
LABELS = 8
_STEPS = (1, 2, 2.5, 5, 10)
_ROOM_OF_A_NAME = 0.1


@dataclass(frozen=True)
class ChartLine:
    """A value for each slot; None leaves a gap. `colour` is 1 to 5."""

    name: str
    values: Sequence[float | None]
    colour: int = 1
    dashed: bool = False


@dataclass(frozen=True)
class Bars:
    """A value for each slot, which may be negative. `colour` is 1 to 5."""

    name: str
    values: Sequence[float]
    colour: int = 1


@dataclass(frozen=True)
class Band:
    """The area between two values for each slot, such as a range of uncertainty."""

    name: str
    low: Sequence[float]
    high: Sequence[float]
    colour: int = 1

    @property
    def values(self) -> Sequence[float]:
        """The upper limits."""
        return self.high


@dataclass(frozen=True)
class Panel:
    """Series over one y axis. The axis begins at zero unless there are only lines far above it."""

    series: Sequence[ChartLine | Bars | Band]
    height: int = 200
    """Pixels."""
    whole: bool = True
    """Whether the values are whole numbers."""
    holds: Sequence[float] = ()
    """Values that the axis always includes."""


@dataclass(frozen=True)
class ChartMarker:
    """A marker at a position of the x axis, from 0 (its beginning) to n (its end)."""

    place: float
    name: str
    """A word or two, left out if there is no room."""
    title: str


# --- output: all coordinates are texts for the SVG ------------------------------------------------


@dataclass(frozen=True)
class Tick:
    y: str
    value: float
    is_zero: bool


@dataclass(frozen=True)
class DrawnLine:
    colour: int
    path: str
    """In a box of 1000 by the panel's height, which is stretched to the chart's width."""
    dots: Sequence[tuple[str, str]]
    dashed: bool = False


@dataclass(frozen=True)
class DrawnBars:
    colour: int
    bars: Sequence[tuple[str, str, str, str]]
    """x, y, width, height."""


@dataclass(frozen=True)
class DrawnPanel:
    top: int
    height: int
    ticks: Sequence[Tick]
    lines: Sequence[DrawnLine]
    bars: Sequence[DrawnBars]
    bands: Sequence[DrawnLine] = ()
    """Closed paths, without dots."""


@dataclass(frozen=True)
class Label:
    x: str
    anchor: str
    text: str
    is_minor: bool
    """Hidden in narrow charts."""


@dataclass(frozen=True)
class DrawnMarker:
    x: str
    anchor: str
    dx: int
    name: str
    title: str


@dataclass(frozen=True)
class Slot:
    x: str
    title: str


@dataclass(frozen=True)
class Chart:
    """The template's data. `key` is unique on a page."""

    key: str
    title: str
    summary: str
    height: int
    panels: Sequence[DrawnPanel]
    labels: Sequence[Label]
    markers: Sequence[DrawnMarker]
    slots: Sequence[Slot]
    slot_width: str
    legend: Sequence[tuple[str, int, str]]
    """Name, colour, and the shape as classes of CSS."""

    @property
    def bottom(self) -> int:
        """Where the last panel ends."""
        return self.height - ROOM_BELOW

    @property
    def label_y(self) -> int:
        return self.height - 8


def draw(
    *,
    key: str,
    title: str,
    summary: str,
    panels: Sequence[Panel],
    labels: Sequence[str],
    slots: Sequence[str],
    markers: Sequence[ChartMarker] = (),
) -> Chart:
    """Lay out panels one above the other; their series share n slots.

    `labels` (n) are the labels of the x axis, of which those that fit are used; "" never is.
    `slots` (n) describe the values of each in a sentence. `summary` describes the chart for people
    who do not see it. Raises ValueError if a series has another number of values, or n is 0.
    """
    n = len(slots)
    if not n or {len(labels), *(len(s.values) for p in panels for s in p.series)} != {n}:
        raise ValueError("A chart's series, labels and slots are of one length, not zero.")
    panels_drawn, top = [], ROOM_ABOVE
    for panel in panels:
        panels_drawn.append(_panel(panel, top, n))
        top += panel.height + GAP
    return Chart(
        key=key,
        title=title,
        summary=summary,
        height=top - GAP + ROOM_BELOW,
        panels=panels_drawn,
        labels=_labels(labels),
        markers=_markers(markers, n),
        slots=[Slot(_percent(i / n), text) for i, text in enumerate(slots)],
        slot_width=_percent(1 / n),
        legend=[
            (series.name, series.colour, _shape(series))
            for panel in panels
            for series in panel.series
        ],
    )


def ticks(low: float, high: float, *, most: int = 5, whole: bool = True) -> list[float]:
    """Round numbers at equal distances that include [low, high]; at least two."""
    if high <= low:
        high = low + 1
    raw = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s for s in (step * power for step in _STEPS) if s >= raw * 0.999999)
    if whole:
        step = max(float(math.ceil(step - 1e-9)), 1.0)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    values = [round(number * step, 10) for number in range(first, last + 1)]
    return [int(value) for value in values] if whole else values


def _panel(panel: Panel, top: int, n: int) -> DrawnPanel:
    values = [*panel.holds, *(v for series in panel.series for v in _heights(series))]
    low, high = min(values, default=0), max(values, default=0)
    only_lines = not any(isinstance(series, Bars) for series in panel.series)
    if not (only_lines and high > low > high * 0.6):
        low, high = min(low, 0), max(high, 0)
    marks = ticks(low, high, most=5 if panel.height >= 160 else 4, whole=panel.whole)
    floor, span = marks[0], marks[-1] - marks[0]

    def y(value: float) -> float:
        return panel.height * (1 - (value - floor) / span)

    def line(series: ChartLine) -> DrawnLine:
        path, pen = [], "M"
        for i, value in enumerate(series.values):
            if value is None:
                pen = "M"
                continue
            path.append(f"{pen}{_number(1000 * (i + 0.5) / n)} {_number(y(value))}")
            pen = "L"
        dots = [
            (_percent((i + 0.5) / n), _number(top + y(value)))
            for i, value in enumerate(series.values)
            if value is not None and n <= MOST_DOTS
        ]
        return DrawnLine(series.colour, "".join(path), dots, series.dashed)

    def band(series: Band) -> DrawnLine:
        over = [(1000 * (i + 0.5) / n, value) for i, value in enumerate(series.high)]
        under = [(1000 * (i + 0.5) / n, value) for i, value in enumerate(series.low)]
        places = [f"{_number(x)} {_number(y(value))}" for x, value in [*over, *under[::-1]]]
        return DrawnLine(series.colour, f"M{'L'.join(places)}Z", ())

    width = min(BAR / n, WIDEST_BAR)

    def bars(series: Bars) -> DrawnBars:
        return DrawnBars(
            series.colour,
            [
                (
                    _percent((i + 0.5) / n - width / 2),
                    _number(top + min(y(value), y(0))),
                    _percent(width),
                    _number(max(abs(y(value) - y(0)), 1)),
                )
                for i, value in enumerate(series.values)
                if value
            ],
        )

    return DrawnPanel(
        top=top,
        height=panel.height,
        ticks=[Tick(_number(top + y(mark)), mark, mark == 0) for mark in marks],
        lines=[line(series) for series in panel.series if isinstance(series, ChartLine)],
        bars=[bars(series) for series in panel.series if isinstance(series, Bars)],
        bands=[band(series) for series in panel.series if isinstance(series, Band)],
    )


def _shape(series: ChartLine | Bars | Band) -> str:
    if isinstance(series, ChartLine):
        return "line dashed" if series.dashed else "line"
    return "bars" if isinstance(series, Bars) else "band"


def _heights(series: ChartLine | Bars | Band) -> list[float]:
    """All values that the axis must include."""
    values = [*series.low, *series.high] if isinstance(series, Band) else series.values
    return [value for value in values if value is not None]


def _labels(texts: Sequence[str]) -> list[Label]:
    n = len(texts)
    positions = [i for i, text in enumerate(texts) if text]
    step = max(1, math.ceil(len(positions) / LABELS))
    labels = []
    for place, i in enumerate(positions[::step]):
        x = (i + 0.5) / n
        anchor = "start" if x < 0.03 else "end" if x > 0.97 else "middle"
        is_minor = len(positions) > 4 and place % 2 == 1
        labels.append(Label(_percent(0 if anchor == "start" else x), anchor, texts[i], is_minor))
    return labels


def _markers(markers: Sequence[ChartMarker], n: int) -> list[DrawnMarker]:
    """The markers from left to right; a name that would overlap another is left out."""
    result: list[DrawnMarker] = []
    free = 0.0
    for marker in sorted(markers, key=lambda marker: marker.place):
        x = marker.place / n
        is_last = x > 1 - _ROOM_OF_A_NAME
        anchor, dx = ("end", -7) if is_last else ("start", 7)
        name = marker.name if (x - _ROOM_OF_A_NAME if is_last else x) >= free else ""
        free = max(free, x if is_last or not name else x + _ROOM_OF_A_NAME)
        result.append(DrawnMarker(_percent(x), anchor, dx, name, marker.title))
    return result


def _percent(share: float) -> str:
    return f"{_number(100 * share, 3)}%"


def _number(value: float, digits: int = 1) -> str:
    """A number for SVG, independent of the locale."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
