"""People and members written by SQL, where the making of them is not what is measured."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

from segmenter.accounts.models import Account
from segments.models import Segment, SegmentStatus

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
PROPERTIES = ("Points", "Favourite colours")
"""Names of the custom properties that everyone has: a number, and a list of texts."""

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
            'Newsletter', n %% 2 = 0, 'Size', (ARRAY['S', 'M', 'L'])[n %% 3 + 1]),
        %(at)s + n * interval '1 second', %(at)s + n * interval '1 second'
    FROM generate_series(1, %(people)s) AS n"""
_MEMBERS = """
    INSERT INTO segments_membership (account_id, segment_id, profile_id, entered)
    SELECT account_id, %(segment)s, id, %(at)s + id * interval '1 millisecond'
    FROM profiles_profile WHERE account_id = %(account)s AND id %% %(every)s < %(of)s ORDER BY id"""


def fill_people(account: Account, people: int) -> None:
    """Write so many people with names, addresses and four custom properties, and no events."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"account": account.pk, "people": people, "at": SINCE})
    _look_at("profiles_profile")


def fill_segment(account: Account, name: str, *, of: int = 1, every: int = 1) -> Segment:
    """A segment that is ready, with `of` people out of `every` in it."""
    segment = Segment.objects.create(
        account=account,
        name=name,
        definition={"condition_groups": []},
        status=SegmentStatus.READY,
        created=SINCE,
        updated=SINCE,
        as_of=SINCE,
    )
    numbers = {"segment": segment.pk, "account": account.pk, "at": SINCE, "of": of, "every": every}
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, numbers)
        segment.size = cursor.rowcount
    segment.save(update_fields=["size"])
    _look_at("segments_membership")
    return segment


def _look_at(table: str) -> None:
    """Tell the planner what is there, as the database itself does when it is idle."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {table}")
