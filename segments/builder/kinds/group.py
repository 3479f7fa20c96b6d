"""profile-group-membership in the builder: each list and segment is found by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from segments.builder.kinds.base import BuilderKind, builder_kind
from segments.builder.offers import Offer


@builder_kind("profile-group-membership")
class GroupKind(BuilderKind):
    is_common: ClassVar[bool] = True
    rank: ClassVar[int] = 4

    def offer(self, partial: Mapping[str, Any]) -> Offer:
        is_outside = partial.get("is_member") is False
        return Offer(without=frozenset({"/timeframe_filter"} if is_outside else ()))
