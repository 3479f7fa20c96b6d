"""Who may be written to: the database agrees with the rule over columns."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import psycopg.sql as sql
import pytest
from django.db import connection

from profiles.columns.gather import all_of
from profiles.models import Channel, Consent, Profile, Suppression
from segmenter.accounts.models import Account
from segments.definition.consents import can_receive
from segments.definition.windows import Moment
from segments.engine.reachable import can_receive_in_sql, reach_joins, reachable_in_sql
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db

STATED = (None, "explicitly_reachable", "implicitly_unreachable", "nonsense")
TIMES = (None, AT - timedelta(days=1), AT, AT + timedelta(seconds=1))


@pytest.fixture
def everybody(account: Account) -> None:
    """Every combination of what can be stored about a channel, with and without an address."""
    people, consents, suppressions = [], [], []
    for channel in Channel.values:
        whatsapp = channel.startswith("whatsapp")
        for case in product(
            (None, "subscribed", "unsubscribed", "never_subscribed"),
            TIMES,
            STATED if whatsapp else (None,),
            TIMES,
            (True, False),
        ):
            people.append((channel, *case))
    profiles = Profile.objects.bulk_create(
        Profile(
            account=account,
            email=f"{place}@example.com" if case[-1] else None,
            phone_number=f"+4670{place:07}" if case[-1] else None,
            created=AT,
            updated=AT,
        )
        for place, case in enumerate(people)
    )
    for profile, (channel, status, date, stated, suppressed, _) in zip(
        profiles, people, strict=True
    ):
        about: dict[str, Any] = {"account": account, "profile": profile, "channel": channel}
        if status is not None:
            consents.append(
                Consent(**about, status=status, status_date=date, recorded=AT, reachability=stated)
            )
        if suppressed is not None:
            suppressions += [
                Suppression(**about, reason=reason, date=suppressed)
                for reason in ("hard_bounce", "unsubscribe")
            ]
    Consent.objects.bulk_create(consents)
    Suppression.objects.bulk_create(suppressions)


def in_database(account: Account, rule: sql.Composable, *channels: str) -> list[bool]:
    """The answer of a rule for each person, by id."""
    within = sql.SQL("c.account_id = {}").format(sql.Literal(account.pk))
    joins = [
        join for channel in channels for join in reach_joins(channel, AT, within=within).values()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT {} FROM profiles_profile p {} WHERE p.account_id = {} ORDER BY p.id"
            ).format(rule, sql.SQL(" ").join(joins), sql.Literal(account.pk))
        )
        return [answer for (answer,) in cursor.fetchall()]


@pytest.mark.usefixtures("everybody")
@pytest.mark.parametrize("channel", Channel.values)
def test_the_database_and_the_columns_agree_about_everybody(account: Account, channel: str) -> None:
    by_columns = can_receive(all_of(account), channel, Moment(AT, account.zone))
    answers = in_database(account, can_receive_in_sql(channel), channel)
    assert answers == by_columns.tolist()
    assert 0 < sum(answers) < len(answers)


@pytest.mark.usefixtures("everybody")
def test_several_channels_are_any_of_them(account: Account) -> None:
    channels = ("email", "sms", "push")
    each = [in_database(account, can_receive_in_sql(name), name) for name in channels]
    of_any = in_database(account, reachable_in_sql(channels), *channels)
    assert of_any == [any(answers) for answers in zip(*each, strict=True)]
