"""profile-metric-ratio in the builder: the share is typed in percent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from segments.builder.kinds.base import BuilderKind, builder_kind
from segments.builder.offers import AMOUNTS, Offer
from segments.builder.quartiles import Quartiles, Range


@builder_kind("profile-metric-ratio")
class RatioKind(BuilderKind):
    start: ClassVar[Mapping[str, Any]] = {
        "filter": {"type": "numeric", "operator": "greater-than-or-equal", "value": 0.5}
    }

    def offer(self, partial: Mapping[str, Any]) -> Offer:
        return Offer(words={"/filter": AMOUNTS}, percents=frozenset({"/filter"}))

    def typical_numbers(
        self, partial: Mapping[str, Any], pointer: str, quartiles: Quartiles
    ) -> Range | None:
        return 0.5, 1
