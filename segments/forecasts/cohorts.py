"""The people of a forecast: noted when it is made, followed through merges, and erased with them.

Making a forecast and erasing a person of the same account take turns, by a lock until each commits.
So either the forecast does not see the person any more, or the erasure finds them in its blocks.
"""

from __future__ import annotations

import numpy as np
import psycopg.sql as sql
from django.db import connection
from django.db.models import F, Func, Value

from predictions.numerics.arrays import Ints
from predictions.storage.people_months import PeoplePredictions, predictions_of
from profiles.models import ProfileMerge
from segments.models import ForecastBlock, Segment, SegmentForecast

BLOCK = 20_000
"""People of one block."""
_TURNS = 7_305_023
"""The lock's first number; the account's id is the second."""


def take_turn(account_id: int) -> None:
    """Wait for forecasts and erasures of an account; in a transaction, which holds up the next."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TURNS, account_id])


def members_with_predictions(segment: Segment) -> PeoplePredictions:
    """Read the predictions of a segment's members, all of one instant."""
    members = sql.SQL(
        "SELECT m.profile_id FROM segments_membership m JOIN profiles_profile p"
        " ON p.id = m.profile_id AND p.account_id = m.account_id"
        " WHERE m.account_id = {} AND m.segment_id = {}"
    ).format(sql.Literal(segment.account_id), sql.Literal(segment.pk))
    return predictions_of(segment.account, members)


def write_cohort(forecast: SegmentForecast, ids: Ints) -> None:
    """Note the people of a forecast (ids ascending) in place of those of an earlier try."""
    ForecastBlock.objects.filter(forecast=forecast).delete()
    blocks = (ids[start : start + BLOCK].tolist() for start in range(0, len(ids), BLOCK))
    ForecastBlock.objects.bulk_create(
        ForecastBlock(forecast=forecast, first_id=block[0], last_id=block[-1], ids=block)
        for block in blocks
    )


def read_cohort(forecast: SegmentForecast) -> Ints:
    """Return the ids of a forecast's people, ascending; of merged ones those that they have now."""
    blocks = ForecastBlock.objects.filter(forecast=forecast).order_by("first_id")
    parts = [np.array(ids, np.int64) for ids in blocks.values_list("ids", flat=True)]
    ids = np.concatenate([np.empty(0, np.int64), *parts])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT g.old_id, g.profile_id FROM segments_forecastblock b,"
            " unnest(b.ids) AS person(id) JOIN profiles_profilemerge g"
            " ON g.account_id = %s AND g.old_id = person.id WHERE b.forecast_id = %s",
            [forecast.account_id, forecast.pk],
        )
        merges = dict(cursor.fetchall())
    if merges:
        ids = np.array([merges.get(person, person) for person in ids.tolist()], np.int64)
    return np.unique(ids)


def forget_person(account_id: int, profile_id: int) -> None:
    """Take a person out of all forecasts, under any id that was theirs; in the erasure."""
    take_turn(account_id)
    old = ProfileMerge.objects.filter(account=account_id, profile=profile_id)
    ids = [profile_id, *old.values_list("old_id", flat=True)]
    blocks = ForecastBlock.objects.filter(forecast__account=account_id)
    forecasts: set[int] = set()
    for person in ids:
        rows = blocks.filter(first_id__lte=person, last_id__gte=person, ids__contains=[person])
        pairs = dict(rows.values_list("pk", "forecast"))
        rest = Func(F("ids"), Value(person), function="array_remove")
        ForecastBlock.objects.filter(pk__in=pairs).update(ids=rest)
        forecasts |= set(pairs.values())
    SegmentForecast.objects.filter(pk__in=forecasts).update(erased=F("erased") + 1)
