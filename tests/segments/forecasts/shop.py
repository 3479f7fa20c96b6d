"""A shop with predictions and a segment of some of its customers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from predictions.models import Prediction
from predictions.storage.refresh import refresh
from predictions.storage.serialization import as_date
from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.forecasts.jobs import ask_for_forecast, run_forecast
from segments.models import Membership, Segment, SegmentForecast, SegmentStatus
from tests.builders.shops import new_segment
from tests.predictions.shops import START, shop_drawn
from tests.predictions.stores import AT, DAYS, load

CUSTOMERS = 700
FIRST = as_date(START + DAYS)
"""The first day of the first month of a forecast made at AT."""


def fill(account: Account) -> None:
    """Predictions as of the day before AT; in the year after it customers order as they do."""
    load(account, shop_drawn(CUSTOMERS, DAYS))
    refresh(account, AT)


def segment_of(account: Account, *, every: int = 4, name: str = "Buyers") -> Segment:
    """Every fourth customer with a prediction, and one person who never ordered."""
    rows = Prediction.objects.filter(account=account, predicted_clv__isnull=False)
    ids = list(rows.order_by("profile_id").values_list("profile_id", flat=True))[::every]
    ingest_profiles(account=account, records=[{"external_id": "idle"}], at=AT)
    idle = Profile.objects.get(account=account, external_id="idle")
    members = [*ids, idle.pk]
    return new_segment(
        account,
        name,
        *members,
        size=len(members),
        created=AT,
        updated=AT,
        as_of=AT,
        status=SegmentStatus.READY,
    )


def clock(days: float = 0) -> Callable[[], datetime]:
    """A clock that stands still, so many days after AT."""
    return lambda: AT + timedelta(days=days)


def forecast_of_members(segment: Segment, days: float = 0) -> SegmentForecast:
    """A forecast that was made."""
    forecast = ask_for_forecast(segment, user=None, at=clock(days)())
    run_forecast(forecast.pk, clock(days))
    forecast.refresh_from_db()
    return forecast


def members_of(segment: Segment) -> list[int]:
    rows = Membership.objects.filter(segment=segment)
    return list(rows.order_by("profile_id").values_list("profile_id", flat=True))
