"""How many of an account's people the rules about people hold for: exact, from committed rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from forms_targeting.engine.references import RuleReferences, references_of
from forms_targeting.rules.rule import Rule
from forms_targeting.visit import Person, Visit
from profiles.consent_words import Channel, ConsentStatus
from segmenter.accounts.models import Account

_SEGMENT, _LIST, _CHANNEL, _KINDS = 0, 1, 2, 3
"""A fact about a person is a number: an id times _KINDS, and which kind of id it is."""
_CHANNELS = tuple(channel.value for channel in Channel)


@dataclass(frozen=True)
class FormReach:
    """Numbers of people at one instant."""

    everyone: int
    matches: int
    """For whom all rules about people hold."""
    by_rule: tuple[tuple[Rule, int], ...]
    """Each rule about people, and for how many it holds alone."""


def count_reach(account: Account, rules: Sequence[Rule], *, at: datetime) -> FormReach:
    """Count people. Rules about the page are left out.

    People are counted by what the rules ask about them, in one query, and each combination is
    decided like a visit: the rules have no second implementation in SQL.
    """
    about_people = [rule for rule in rules if rule.kind.about_people]
    references = references_of(account, about_people)
    everyone, matches, alone = 0, 0, [0] * len(about_people)
    for facts, people in _combinations(account, references, at):
        visit = Visit(person=_person(references, facts))
        holds = [rule.holds(visit) for rule in about_people]
        everyone += people
        matches += people * all(holds)
        alone = [count + people * each for count, each in zip(alone, holds, strict=True)]
    return FormReach(everyone, matches, tuple(zip(about_people, alone, strict=True)))


def _combinations(
    account: Account, references: RuleReferences, at: datetime
) -> list[tuple[list[int], int]]:
    """Each combination of facts that people have, and how many people have it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(facts, '{}'), count(*) FROM profiles_profile p"
            " LEFT JOIN (SELECT profile_id, array_agg(fact ORDER BY fact) AS facts FROM ("
            "  SELECT profile_id, segment_id * %(kinds)s + %(segment)s AS fact"
            "  FROM segments_membership WHERE segment_id = ANY(%(segments)s)"
            "  UNION ALL SELECT profile_id, list_id * %(kinds)s + %(list)s"
            "  FROM profiles_listmember WHERE list_id = ANY(%(lists)s)"
            "  UNION ALL SELECT profile_id,"
            "  array_position(%(channels)s::text[], channel::text) * %(kinds)s + %(channel)s"
            "  FROM profiles_consent WHERE %(consents)s AND account_id = %(account)s"
            "  AND channel = ANY(%(channels)s)"
            "  AND status = %(subscribed)s AND (status_date IS NULL OR status_date <= %(at)s)"
            " ) AS facts GROUP BY profile_id) AS people ON people.profile_id = p.id"
            " WHERE p.account_id = %(account)s GROUP BY 1",
            {
                "kinds": _KINDS,
                "segment": _SEGMENT,
                "list": _LIST,
                "channel": _CHANNEL,
                "segments": list(references.segments.values()),
                "lists": list(references.lists.values()),
                "channels": list(_CHANNELS),
                "consents": references.consents,
                "account": account.pk,
                "subscribed": ConsentStatus.SUBSCRIBED.value,
                "at": at,
            },
        )
        return cursor.fetchall()


def _person(references: RuleReferences, facts: Sequence[int]) -> Person:
    """Somebody with these facts."""
    ids = {(fact // _KINDS, fact % _KINDS) for fact in facts}
    return Person(
        profile_id=0,
        segments=frozenset(k for k, id_ in references.segments.items() if (id_, _SEGMENT) in ids),
        lists=frozenset(k for k, id_ in references.lists.items() if (id_, _LIST) in ids),
        subscribed=frozenset(
            channel
            for place, channel in enumerate(_CHANNELS, start=1)  # SQL counts from 1
            if (place, _CHANNEL) in ids
        ),
    )
