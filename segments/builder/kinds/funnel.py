"""profile-metric-funnel in the builder: it begins with two steps in two weeks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from segments.builder.kinds.base import BuilderKind, builder_kind


@builder_kind("profile-metric-funnel")
class FunnelKind(BuilderKind):
    start: ClassVar[Mapping[str, Any]] = {
        "completion_window_seconds": 14 * 86_400,
        "steps": [{"metric_exists": True}, {"metric_exists": True}],
    }
