"""Who people are: ids, names, how to reach them, when they came and were last active."""

from __future__ import annotations

import psycopg.sql as sql
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from segments.definition.paths import INSTANTS
from segments.definition.words import property_label
from segments.member_files.column import CellKind, ExportColumn, Family, Shop, families

_NAMES = (
    *("id", "external_id", "email", "first_name", "last_name", "phone_number"),
    *("organization", "title", "locale", "anonymous_id", "image"),
    *("created", "updated", "first_active", "last_active"),
)


def _find(shop: Shop, name: str) -> ExportColumn | None:
    if name not in _NAMES:
        return None
    label = str(_("Profile id")) if name == "id" else capfirst(property_label(name, custom=False))
    kind = CellKind.INSTANT if name in INSTANTS else CellKind.TEXT
    if name == "id":
        kind = CellKind.INTEGER
    return ExportColumn(name, label, kind, sql.Identifier("p", name))


families.add("identity", Family(_("Who they are"), 10, lambda shop: _NAMES, _find))
