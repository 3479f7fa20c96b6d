"""People and members written by SQL, where the making of them is not what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from profiles.models import Property
from segmenter.accounts.models import Account
from segments.models import Segment, SegmentStatus

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
RINGS = 10
PROPERTIES = {"Points": "number", "Favourite colours": "list"}
"""Two of the custom properties that everyone has, and their types."""

_PEOPLE = """
    INSERT INTO profiles_profile (account_id, email, phone_number, external_id, first_name,
        last_name, city, region, country, properties, created, updated)
    SELECT %(account)s, 'person' || n || '@example.com',
        CASE WHEN n %% 3 = 0 THEN '+4670' || lpad(n::text, 7, '0') END, 'customer-' || n,
        (ARRAY['Anna', 'Östen', 'Maria', 'Lars-Erik', 'Zofia', 'Jan'])[n %% 6 + 1],
        (ARRAY['Lind', 'O''Brien', 'Kowalska', 'von Platen, jr', 'Åkesson'])[n %% 5 + 1],
        (ARRAY['Falun', 'Malmö', 'Łódź', 'Rättvik'])[n %% 4 + 1],
        (ARRAY['Dalarna', 'Skåne', 'Łódzkie', NULL])[n %% 4 + 1],
        (ARRAY['Sweden', 'Poland'])[n %% 2 + 1],
        jsonb_build_object('Points', n %% 977 / 4.0, 'Favourite colours',
            (ARRAY['["Red"]', '["Red", "Deep blue"]', '[]'])[n %% 3 + 1]::jsonb,
            'Ring', n %% %(rings)s, 'Newsletter', n %% 2 = 0,
            'Size', (ARRAY['S', 'M', 'L'])[n %% 3 + 1]),
        %(at)s + n * interval '1 second', %(at)s + n * interval '1 second'
    FROM generate_series(1, %(people)s) AS n"""
_MEMBERS = """
    INSERT INTO segments_membership (account_id, segment_id, profile_id, entered)
    SELECT account_id, %(segment)s, id, %(at)s + id * interval '1 millisecond'
    FROM profiles_profile WHERE account_id = %(account)s
    AND (properties ->> 'Ring')::int = ANY(%(rings)s) ORDER BY id"""


def fill_people(account: Account, people: int) -> None:
    """Write people with names, addresses and five custom properties, and no events.

    `Ring` goes around from 0 to RINGS - 1, so that each ring holds the same share of them.
    """
    parameters: dict[str, Any] = {
        "account": account.pk,
        "people": people,
        "at": SINCE,
        "rings": RINGS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, parameters)
    for name, type_ in PROPERTIES.items():
        Property.objects.create(account=account, name=name, types=[type_], first_seen=SINCE)


def in_rings(rings: Sequence[int]) -> dict[str, Any]:
    """The definition of the people of these rings."""
    return {
        "condition_groups": [
            {
                "conditions": [
                    {
                        "type": "profile-property",
                        "property": "properties['Ring']",
                        "filter": {"type": "numeric", "operator": "equals", "value": ring},
                    }
                    for ring in rings
                ]
            }
        ]
    }


def fill_segment(account: Account, name: str, rings: Sequence[int]) -> Segment:
    """A segment that is ready, with the people of these rings in it."""
    segment = Segment.objects.create(
        account=account,
        name=name,
        definition=in_rings(rings),
        status=SegmentStatus.READY,
        created=SINCE,
        updated=SINCE,
        as_of=SINCE,
    )
    parameters: dict[str, Any] = {
        "segment": segment.pk,
        "account": account.pk,
        "at": SINCE,
        "rings": list(rings),
    }
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, parameters)
        segment.size = cursor.rowcount
    segment.save(update_fields=["size"])
    return segment


def settle() -> None:
    """Clear up and count what was filled in, as the database does by itself when it is idle."""
    with connection.cursor() as cursor:
        for table in ("profiles_profile", "segments_membership", "segments_segment"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")
