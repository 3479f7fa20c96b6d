"""Where people are."""

from __future__ import annotations

import psycopg.sql as sql
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from segments.definition.paths import LOCATION, NUMBERS
from segments.definition.words import property_label
from segments.member_files.column import CellKind, ExportColumn, Family, Shop, families

_FIELDS = {**LOCATION, "time_zone": "time_zone"}
_OFFERS = tuple(field for field in LOCATION.values())


def _find(shop: Shop, name: str) -> ExportColumn | None:
    field = _FIELDS.get(name)
    if field is None:
        return None
    kind = CellKind.NUMBER if field in NUMBERS else CellKind.TEXT
    label = capfirst(property_label(field, custom=False))
    return ExportColumn(field, label, kind, sql.Identifier("p", field))


families.add("location", Family(_("Where they are"), 20, lambda shop: _OFFERS, _find))
