"""What people agreed to on each channel, since when, how, and whether they may be written to."""

from __future__ import annotations

import psycopg.sql as sql
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from profiles.models import Channel
from segments.engine.reachable import (
    MARKETING_CHANNELS,
    can_receive_in_sql,
    consent_alias,
    reach_joins,
)
from segments.member_files.column import (
    CellKind,
    ExportColumn,
    Family,
    Join,
    MemberBlock,
    Shop,
    families,
    plain_join,
)

_FIELDS = {"status": "status", "date": "status_date", "method": "method"}
_CAN_RECEIVE = "can_receive"


def _offers(shop: Shop) -> list[str]:
    return [
        f"consent.{channel}{field}"
        for channel in MARKETING_CHANNELS
        for field in ("", ".can_receive", ".date", ".method")
    ] + [f"consent.{channel}" for channel in Channel.values if channel.startswith("whatsapp")]


def _find(shop: Shop, name: str) -> ExportColumn | None:
    first, _dot, rest = name.partition(".")
    channel, _dot, field = rest.partition(".")
    field = field or "status"
    if first != "consent" or channel not in Channel.values:
        return None
    if field not in (*_FIELDS, _CAN_RECEIVE):
        return None
    needs = [consent_alias(channel)]
    if field == _CAN_RECEIVE:
        needs = list(reach_joins(channel, shop.at, within=sql.SQL("true")))
        value, kind = can_receive_in_sql(channel), CellKind.TRUTH
    else:
        value = sql.Identifier(consent_alias(channel), _FIELDS[field])
        kind = CellKind.INSTANT if field == "date" else CellKind.TEXT
    if field == "status":
        value = sql.SQL("coalesce({}, 'never_subscribed')").format(value)
    plain = f"consent.{channel}" + ("" if field == "status" else f".{field}")
    joins = {alias: _join(shop, channel, alias) for alias in needs}
    return ExportColumn(plain, _label(channel, field), kind, value, joins)


def _label(channel: str, field: str) -> str:
    said = {"channel": str(Channel(channel).label)}
    labels = {
        "status": gettext("%(channel)s: consent") % said,
        "date": gettext("%(channel)s: consent since") % said,
        "method": gettext("%(channel)s: consent by") % said,
        _CAN_RECEIVE: gettext("%(channel)s: can be reached") % said,
    }
    return labels[field]


def _join(shop: Shop, channel: str, alias: str) -> Join:
    def join(block: MemberBlock) -> sql.Composable:
        return reach_joins(channel, shop.at, within=block.of("c"))[alias]

    return plain_join(join)


families.add("consent", Family(_("Consent"), 40, _offers, _find))
