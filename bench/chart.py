"""Bars as a self-contained SVG file. Times go from a part of a millisecond to seconds, so the
axis is logarithmic: each line is ten times the one before."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

WIDTH, LEFT, RIGHT, TOP = 760, 190, 60, 66
BAR, GAP = 9, 10
COLOURS = ("#0f766e", "#eab308", "#dc2626", "#3b82f6", "#7c3aed")


def bars(title: str, groups: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    """An SVG with a group of bars for each name in `groups`, one bar of each of `series`.

    All values are above zero, and each of `series` has one for each group.
    """
    values = [value for each in series.values() for value in each]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    tall = TOP + len(groups) * (len(series) * BAR + GAP) + 10

    def x(value: float) -> float:
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" role="img"'
        f' font-family="sans-serif" font-size="11"><title>{escape(title)}</title>'
    )
    parts = [
        head,
        f'<rect width="{WIDTH}" height="{tall}" fill="#fff"/>',
        f'<text x="10" y="18" font-size="14" font-weight="bold">{escape(title)}</text>',
        *_legend(list(series)),
    ]
    for power in range(low, high + 1):
        at = x(10.0**power)
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 6}" y2="{tall - 6}" stroke="#ddd"/>'
            f'<text x="{at:.1f}" y="{TOP - 10}" text-anchor="middle" fill="#555">'
            f"{10.0**power:,g}</text>"
        )
    y = TOP
    for place, group in enumerate(groups):
        middle = y + len(series) * BAR / 2 + 4
        parts.append(
            f'<text x="{LEFT - 8}" y="{middle:.1f}" text-anchor="end">{escape(group)}</text>'
        )
        for colour, each in zip(COLOURS, series.values(), strict=False):
            wide = max(x(each[place]) - LEFT, 1)
            label = f"{each[place]:,.0f}" if each[place] >= 100 else f"{each[place]:.2g}"
            parts.append(
                f'<rect x="{LEFT}" y="{y}" width="{wide:.1f}" height="{BAR - 1}" fill="{colour}"/>'
                f'<text x="{LEFT + wide + 4:.1f}" y="{y + BAR - 1}" font-size="9" fill="#333">'
                f"{label}</text>"
            )
            y += BAR
        y += GAP
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(names: Sequence[str]) -> Iterator[str]:
    at = LEFT
    for colour, name in zip(COLOURS, names, strict=False):
        yield f'<rect x="{at}" y="28" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="{at + 14}" y="37">{escape(name)}</text>'
        at += 30 + 7 * len(name)
