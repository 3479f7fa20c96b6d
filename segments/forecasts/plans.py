"""Monthly forecasts: which segments have them, and making those that are due."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from predictions.storage.queries import state_of
from segmenter.accounts.models import User
from segmenter.kernel.errors import Conflict
from segments.forecasts.jobs import ask_for_forecast
from segments.forecasts.months import QUIET
from segments.models import ForecastPlan, Segment


def plan_of(segment: Segment) -> ForecastPlan | None:
    return ForecastPlan.objects.filter(segment=segment).first()


def start_plan(segment: Segment, *, user: User | None, at: datetime) -> ForecastPlan:
    """Have a forecast made each month, from the next month on."""
    plan, _is_new = ForecastPlan.objects.get_or_create(
        segment=segment,
        defaults={
            "account": segment.account,
            "month": month_of(at, segment.account.zone),
            "user": user,
            "created": at,
        },
    )
    return plan


def stop_plan(segment: Segment) -> bool:
    """Make no more forecasts each month; False if none were made."""
    deleted, _rows = ForecastPlan.objects.filter(segment=segment).delete()
    return bool(deleted)


def month_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the first day of the account's month. It begins when its first night is over."""
    return (at.astimezone(zone).replace(tzinfo=None) - QUIET).date().replace(day=1)


def make_monthly(at: datetime) -> list[int]:
    """Ask for the monthly forecasts that are due; return the forecasts' ids.

    They wait until the predictions know of all of the month before, and while there are none.
    """
    ids = []
    plans = ForecastPlan.objects.filter(
        segment__is_active=True, segment__as_of__isnull=False, segment__deleted=None
    )
    for plan_id, zone in list(plans.values_list("pk", "account__time_zone").order_by("pk")):
        month = month_of(at, ZoneInfo(zone))
        with transaction.atomic():
            rows = ForecastPlan.objects.select_for_update(of=("self",), skip_locked=True)
            plan = (
                rows.select_related("segment__account").filter(pk=plan_id, month__lt=month).first()
            )
            if plan is None or not _has_predictions(plan, month):
                continue
            try:
                forecast = ask_for_forecast(plan.segment, user=None, at=at)
            except Conflict:
                continue
            plan.month = month
            plan.save(update_fields=["month"])
            ids.append(forecast.pk)
    return ids


def _has_predictions(plan: ForecastPlan, month: date) -> bool:
    day = state_of(plan.segment.account).day
    return day is not None and day.day >= month - timedelta(days=1)
