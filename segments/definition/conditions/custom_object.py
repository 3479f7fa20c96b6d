"""profile-has-custom-object: stored, but it cannot be answered here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools
from profiles.columns.population import Population
from profiles.facts import FactKey
from segments.definition import words
from segments.definition.evidence import Evidence
from segments.definition.fields import Raw, declare
from segments.definition.tree import Condition, Names, Unsupported, kind


@kind
@dataclass(frozen=True)
class ProfileHasCustomObject(Condition):
    type: ClassVar[str] = "profile-has-custom-object"
    title: ClassVar[str] = _("Custom objects")
    icon: ClassVar[str] = "file"
    examples: ClassVar[tuple[dict[str, Any], ...]] = ({"object_type_id": "7"},)
    unsupported: ClassVar[str] = _("Custom objects are not supported here.")

    object_type_id: Any = declare(Raw(), optional=True, nullable=True)
    object_type_relationship_id: Any = declare(Raw(), optional=True, nullable=True)
    filter: Any = declare(Raw(), optional=True, nullable=True)
    filters: Any = declare(Raw(), optional=True, nullable=True)

    def mask(self, people: Population, at: datetime) -> Bools:
        raise Unsupported(self.unsupported)

    def reads(self) -> frozenset[FactKey]:
        return frozenset()

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        return Evidence()

    def sentence(self, names: Names) -> str:
        parts = {field.name: getattr(self, field.name) for field in self.declared()}
        notes = [f"{name} {words.quoted(part.text)}" for name, part in parts.items() if part]
        return words.with_notes(gettext("who have custom objects (not supported here)"), notes)
