"""When people entered the segment, and which lists they are on."""

from __future__ import annotations

import psycopg.sql as sql
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segments.member_files.column import (
    CellKind,
    ExportColumn,
    Family,
    MemberBlock,
    Shop,
    families,
    plain_join,
)

_LIST = "list."


def _offers(shop: Shop) -> list[str]:
    names = sorted(shop.catalog.lists.values(), key=str.casefold)
    return ["entered", "lists", *(f"{_LIST}{name}" for name in names)]


def _find(shop: Shop, name: str) -> ExportColumn | None:
    if name == "entered":
        label = gettext("In the segment since")
        return ExportColumn(name, label, CellKind.INSTANT, sql.Identifier("m", "entered"))
    if name == "lists":
        value: sql.Composable = sql.SQL("coalesce(all_lists.names, '{}')")
        return ExportColumn(
            name, gettext("Lists"), CellKind.WORDS, value, {"all_lists": plain_join(_lists)}
        )
    if not name.startswith(_LIST):
        return None
    wanted = name.removeprefix(_LIST)
    key = next((key for key, its in shop.catalog.lists.items() if wanted in (its, key)), None)
    if key is None:
        return None
    title = shop.catalog.lists[key]
    value = sql.SQL(
        "EXISTS (SELECT FROM profiles_listmember l JOIN profiles_list g ON g.id = l.list_id"
        " WHERE g.account_id = {account} AND g.key = {key} AND l.profile_id = p.id)"
    ).format(account=sql.Literal(shop.account.pk), key=sql.Literal(key))
    label = gettext("On the list “%(name)s”") % {"name": title}
    return ExportColumn(f"{_LIST}{title}", label, CellKind.TRUTH, value)


def _lists(block: MemberBlock) -> sql.Composable:
    return sql.SQL(
        "LEFT JOIN (SELECT l.profile_id, array_agg(g.name ORDER BY g.name) AS names"
        " FROM profiles_listmember l JOIN profiles_list g ON g.id = l.list_id"
        " WHERE {block} GROUP BY l.profile_id) AS all_lists ON all_lists.profile_id = p.id"
    ).format(block=block.of("l"))


families.add("membership", Family(_("Segment and lists"), 30, _offers, _find))
