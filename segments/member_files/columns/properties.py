"""The shop's own properties of people, those that say where they came from (UTM) apart."""

from __future__ import annotations

import re

import psycopg.sql as sql
from django.utils.translation import gettext_lazy as _

from segments.member_files.column import CellKind, ExportColumn, Family, Shop, by_rank, families

PREFIX = "properties."
_UTM = re.compile(r"(?:^|[^a-z])utm(?:[^a-z]|$)", re.IGNORECASE)


def _is_utm(name: str) -> bool:
    return _UTM.search(name.replace("_", " ")) is not None


def _find(shop: Shop, name: str) -> ExportColumn | None:
    own = shop.catalog.own_properties
    plain = name.removeprefix(PREFIX)
    if plain not in own:
        plain = name
    if plain not in own:
        return _utm_by_short_name(shop, name)
    return ExportColumn(
        _name_of(shop, plain),
        plain,
        CellKind.JSON,
        sql.SQL("p.properties -> {}").format(sql.Literal(plain)),
        json_type=next(iter(own[plain])) if len(own[plain]) == 1 else "",
    )


def _name_of(shop: Shop, plain: str) -> str:
    """The property's own name, unless something else is called so."""
    others = (family for name, family in by_rank() if name not in ("properties", "utm"))
    if any(family.find(shop, plain) is not None for family in others):
        return PREFIX + plain
    return plain


def _utm_by_short_name(shop: Shop, name: str) -> ExportColumn | None:
    """`utm_medium` or `utm.medium`: the first property of that kind, as "Initial UTM Medium"."""
    words = set(re.findall(r"[a-z]+", name.lower()))
    if "utm" not in words or not words - {"utm"}:
        return None
    for own in shop.catalog.own_properties:
        if words <= set(re.findall(r"[a-z]+", own.lower())):
            return _find(shop, PREFIX + own)
    return None


def _offers(shop: Shop, *, utm: bool) -> list[str]:
    return [f"{PREFIX}{name}" for name in shop.catalog.own_properties if _is_utm(name) == utm]


families.add(
    "properties", Family(_("Their properties"), 70, lambda shop: _offers(shop, utm=False), _find)
)
families.add(
    "utm", Family(_("Where they came from"), 60, lambda shop: _offers(shop, utm=True), _find)
)
