"""The parts of a benchmark, and what each of their figures should reach.

A part is a module with `measure(...)`, which yields figures: (name, value, unit) or
(name, value, unit, whose), where `whose` is a peer's name or LIMIT and stands beside Segmenter's
own figure of that name. A part on the large shop takes a `store.Store`; the others make up people
in an empty database and take their number. A module may hold `TARGETS`, from a figure's name to a
Target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

OWN = "Segmenter"
LIMIT = "physical limit"
ON_LARGE_SHOP = ("segments", "recount", "http", "memory", "mirror", "changed", "bulk_api")
ON_PEOPLE_OF_THEIR_OWN = (
    "build",
    "export",
    "export_file",
    "ingest",
    "preview",
    "lint",
    "live",
    "edge_tick",
    "freshness",
    "submissions",
    "lookup",
    "form_decisions",
    "segment_forecast",
    "condition_box",
)
PARTS = (*ON_LARGE_SHOP, *ON_PEOPLE_OF_THEIR_OWN)
_MODULES = {"segments": "against_peers", "http": "over_http"}
"""Where a part's module has another name."""


@dataclass(frozen=True)
class Target:
    """What a figure should be at most, or at least."""

    most: float | None = None
    least: float | None = None

    def met(self, value: float) -> bool:
        return (self.most is None or value <= self.most) and (
            self.least is None or value >= self.least
        )

    def __str__(self) -> str:
        return f"at most {self.most:g}" if self.most is not None else f"at least {self.least:g}"


@dataclass(frozen=True)
class Figure:
    """One measured value; `whose` is Segmenter, a peer, or the machine's limit."""

    part: str
    name: str
    value: float
    unit: str
    whose: str = OWN


def module_of(part: str) -> ModuleType:
    """The module of a part. Settings must be set up for it."""
    return import_module(f"bench.{_MODULES.get(part, part)}")


def measured(part: str, place: Any) -> Iterator[Figure]:
    """Run a part on what it takes."""
    for values in module_of(part).measure(place):
        yield Figure(part, *values)


def targets_of(parts: Iterable[str]) -> Mapping[tuple[str, str], Target]:
    """(part, name) to target, of all the parts."""
    return {
        (part, name): target
        for part in parts
        for name, target in getattr(module_of(part), "TARGETS", {}).items()
    }
