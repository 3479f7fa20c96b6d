"""profile-sample in the builder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from segments.builder.kinds.base import BuilderKind, builder_kind


@builder_kind("profile-sample")
class SampleKind(BuilderKind):
    start: ClassVar[Mapping[str, Any]] = {"percentage": 10}
