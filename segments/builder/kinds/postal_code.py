"""profile-postal-code-distance in the builder: the country is chosen by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from profiles import places
from segments.builder.kinds.base import BuilderKind, builder_kind
from segments.builder.kinds.location import NEAR
from segments.builder.offers import AMOUNTS, Offer


@builder_kind("profile-postal-code-distance")
class PostalCodeKind(BuilderKind):
    start: ClassVar[Mapping[str, Any]] = {"filter": NEAR}

    def offer(self, partial: Mapping[str, Any]) -> Offer:
        code = partial.get("country_code")
        code = code if isinstance(code, str) else ""
        name = places.country_name(places.country_code(code)) or code
        return Offer(words={"/filter": AMOUNTS}, picks={"/country_code": ("country", name)})
