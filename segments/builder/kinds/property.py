"""profile-property in the builder: each property is found by its name."""

from __future__ import annotations

from typing import ClassVar

from segments.builder.kinds.base import BuilderKind, builder_kind


@builder_kind("profile-property")
class PropertyKind(BuilderKind):
    is_common: ClassVar[bool] = True
    rank: ClassVar[int] = 2
