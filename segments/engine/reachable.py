"""Who may be written to, in SQL: the rule of `profiles.reachability`, asked once for each
combination of what can be stored, as an expression over profiles `p`.

For whatever goes over all members of a segment in the database: files, samples, audiences.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Final

import psycopg.sql as sql

from profiles import reachability
from profiles.consent_words import WHATSAPP, ConsentStatus
from profiles.reachability import REACHES, STATUSES

MARKETING_CHANNELS: Final = ("email", "sms", "push")
"""On which the pages say how many can be reached."""


def consent_alias(channel: str) -> str:
    """What the consent of a channel is called in a query that joins it."""
    return f"consent_{channel}"


def reach_joins(channel: str, at: datetime, *, within: sql.Composable) -> dict[str, sql.Composable]:
    """What `can_receive_in_sql` needs beside `p`, by alias: consent and suppression, begun by `at`.

    Each is LEFT JOIN of at most one row a person. `within` limits the rows, which are `c`; it has
    to name the account.
    """
    consent = sql.SQL(
        "LEFT JOIN (SELECT c.* FROM profiles_consent c WHERE {within} AND c.channel = {channel}"
        " AND (c.status_date IS NULL OR c.status_date <= {at})) AS {alias}"
        " ON {alias}.profile_id = p.id"
    )
    suppression = sql.SQL(
        "LEFT JOIN (SELECT DISTINCT c.profile_id FROM profiles_suppression c WHERE {within}"
        " AND c.channel = {channel} AND c.date <= {at}) AS {alias} ON {alias}.profile_id = p.id"
    )
    templates = {consent_alias(channel): consent, _suppression_alias(channel): suppression}
    return {
        alias: template.format(
            within=within,
            channel=sql.Literal(channel),
            at=sql.Literal(at),
            alias=sql.Identifier(alias),
        )
        for alias, template in templates.items()
    }


def can_receive_in_sql(channel: str) -> sql.Composable:
    """Whether `p` may be written to on a channel, over its `reach_joins`; never null."""
    stated = (*REACHES, "") if channel in WHATSAPP else ("",)
    allowed = [
        sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, case)))
        for case in product((*STATUSES, ""), stated, (True, False), (True, False))
        if _can_receive(channel, *case)
    ]
    address = reachability.ADDRESS.get(channel)
    consent = sql.Identifier(consent_alias(channel))
    return sql.SQL("({said}, {stated}, {has_address}, {is_suppressed}) IN ({allowed})").format(
        said=sql.SQL("coalesce({}.status, '')").format(consent),
        stated=_stated(channel, consent),
        has_address=sql.SQL("true")
        if address is None
        else sql.SQL("(p.{} IS NOT NULL)").format(sql.Identifier(address)),
        is_suppressed=sql.SQL("({}.profile_id IS NOT NULL)").format(
            sql.Identifier(_suppression_alias(channel))
        ),
        allowed=sql.SQL(", ").join(allowed),
    )


def has_consent_in_sql(channel: str) -> sql.Composable:
    """Whether `p` subscribed on a channel and may be written to there, over its `reach_joins`."""
    return sql.SQL("(coalesce({}.status, '') = {} AND {})").format(
        sql.Identifier(consent_alias(channel)),
        sql.Literal(ConsentStatus.SUBSCRIBED.value),
        can_receive_in_sql(channel),
    )


def reachable_in_sql(channels: Sequence[str]) -> sql.Composable:
    """Whether `p` may be written to on one of some channels."""
    return sql.SQL("({})").format(sql.SQL(" OR ").join(map(can_receive_in_sql, channels)))


def _can_receive(
    channel: str, status_text: str, stated: str, has_address: bool, is_suppressed: bool
) -> bool:
    """The rule, of what is stored and has begun; empty for what is not."""
    status = reachability.status_of(status_text or None, is_current=True)
    reach = reachability.stated_reach(stated or None, is_current=True)
    return reachability.can_receive(channel, status, reach, has_address, is_suppressed)


def _suppression_alias(channel: str) -> str:
    return f"suppression_{channel}"


def _stated(channel: str, consent: sql.Identifier) -> sql.Composable:
    if channel not in WHATSAPP:
        return sql.SQL("''")
    return sql.SQL(
        "CASE WHEN {consent}.reachability = ANY({known}) THEN {consent}.reachability ELSE '' END"
    ).format(consent=consent, known=sql.Literal(list(REACHES)))
