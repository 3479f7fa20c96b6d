"""Whether the colors of a form can be read, by WCAG 2.2, and the nearest color that can. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEAST_RATIO = 4.5
"""WCAG 2.2, success criterion 1.4.3 (AA), for text of usual size."""
PAIRS = (("text", "background"), ("button_text", "button"))
"""Names of style attributes: a text, and what it stands on."""
_STEPS = 100
"""Into which the way to black and to white is divided."""


@dataclass(frozen=True)
class ColorContrast:
    """How well one color of a form can be read on another."""

    front: str
    """Name of the style attribute of the text."""
    back: str
    ratio: float
    """From 1, the same color, to 21, black on white."""
    fix: str
    """The color nearest to the text's own that can be read; its own where that can be."""

    @property
    def is_enough(self) -> bool:
        return self.ratio >= LEAST_RATIO

    @property
    def shown_ratio(self) -> float:
        """Rounded down, so that 4.49 is not 4.5."""
        return int(self.ratio * 10) / 10


def contrasts_of(style: Mapping[str, Any]) -> list[ColorContrast]:
    """Return the contrasts of a style; none where the colors are those of the shop's page."""
    if style["from_page"]:
        return []
    return [
        ColorContrast(
            front,
            back,
            contrast_ratio(style[front], style[back]),
            nearest_readable(style[front], style[back]),
        )
        for front, back in PAIRS
    ]


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast ratio of two colors, each #rrggbb (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def nearest_readable(color: str, background: str, least: float = LEAST_RATIO) -> str:
    """Return the color on the way from `color` to black or white that can be read first.

    Itself if it can be read already. Every background has one: black or white has a ratio of 4.58
    or more on any color.
    """
    own = _channels(color)
    for step in range(_STEPS + 1):
        candidates = [_color(_mix(own, goal, step / _STEPS)) for goal in (0, 255)]
        best = max(candidates, key=lambda each: contrast_ratio(each, background))
        if contrast_ratio(best, background) >= least:
            return best if step else color
    return best


def _luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2, "relative luminance")."""
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in _channels(color))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(color: str) -> tuple[int, int, int]:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _mix(channels: tuple[int, int, int], goal: int, share: float) -> list[int]:
    return [round(channel + (goal - channel) * share) for channel in channels]


def _color(channels: list[int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in channels)
