"""Columns of exported files with which a shop's e-mails know their reader.

`link_token` goes behind `_kx=` in links to the shop; `preference_link` opens the preference page.
Tokens are encrypted by this program, so each block of people brings its own into the query.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import psycopg.sql as sql
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from profiles.visitor_tokens import preference_token, visitor_token
from segmenter.accounts.models import Account
from segments.member_files.column import (
    CellKind,
    ExportColumn,
    Family,
    MemberBlock,
    Shop,
    families,
    plain_join,
)
from segments.models import Membership

TOKEN, LINK = "link_token", "preference_link"
Maker = Callable[[Account, int, datetime], str]


def _token(account: Account, profile_id: int, at: datetime) -> str:
    return visitor_token(account, profile_id, at=at)


def _link(account: Account, profile_id: int, at: datetime) -> str:
    token = preference_token(account, profile_id, at=at)
    path = reverse("forms_targeting:preferences", args=[token])
    return f"{settings.SEGMENTER_PUBLIC_URL}{path}"


def _offers(shop: Shop) -> list[str]:
    """Links need the address under which people reach this server."""
    return [TOKEN, LINK] if settings.SEGMENTER_PUBLIC_URL else [TOKEN]


def _find(shop: Shop, name: str) -> ExportColumn | None:
    if name not in _offers(shop):
        return None
    makers: dict[str, tuple[str, Maker]] = {
        TOKEN: (gettext("Token for links to the shop (_kx)"), _token),
        LINK: (gettext("Link to the preference page"), _link),
    }
    label, maker = makers[name]
    value = sql.Identifier(name, "text")

    def join(block: MemberBlock) -> sql.Composable:
        return _texts(shop, block, name, maker)

    return ExportColumn(name, label, CellKind.TEXT, value, {name: plain_join(join)})


def _texts(shop: Shop, block: MemberBlock, alias: str, maker: Maker) -> sql.Composable:
    """A text for each member of the block."""
    members = Membership.objects.filter(
        account_id=block.account_id,
        segment_id=block.segment_id,
        profile_id__gte=block.first_id,
        profile_id__lte=block.last_id,
    )
    ids = list(members.order_by("profile_id").values_list("profile_id", flat=True))
    texts = [maker(shop.account, id_, shop.at) for id_ in ids]
    return sql.SQL(
        "LEFT JOIN unnest({ids}::bigint[], {texts}::text[]) AS {alias}(id, text)"
        " ON {alias}.id = p.id"
    ).format(ids=sql.Literal(ids), texts=sql.Literal(texts), alias=sql.Identifier(alias))


families.add("links", Family(_("Links for your e-mails"), 35, _offers, _find))
