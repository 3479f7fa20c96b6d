"""profile-permissions in the builder: how and when, only of an explicit status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segments.builder.kinds.base import BuilderKind, builder_kind, mapping_at, mappings_at
from segments.builder.offers import Offer, Operators, operators_of
from segments.definition.operators import DATE7

_DATES = operators_of(DATE7)
_TEXT_IN: Operators = frozenset({("string", "in")})


@builder_kind("profile-permissions")
class PermissionsKind(BuilderKind):
    def offer(self, partial: Mapping[str, Any]) -> Offer:
        permission = mapping_at(partial.get("permission"))
        is_explicit = str(permission.get("reachable_status")).startswith("explicitly_")
        operators: dict[str, Operators] = {}
        may_lack: set[str] = set()
        without: set[str] = set() if is_explicit else {"/permission/filters"}
        for i, each in enumerate(mappings_at(permission.get("filters"))):
            here = f"/permission/filters/{i}"
            if each.get("field") != "subscribe_method":
                without.add(f"{here}/method")
                operators[f"{here}/filter"] = _DATES
            elif each.get("method") == "form":
                operators[f"{here}/filter"] = _TEXT_IN
                may_lack.add(f"{here}/filter")
            else:
                without.add(f"{here}/filter")
        return Offer(operators=operators, may_lack=frozenset(may_lack), without=frozenset(without))
