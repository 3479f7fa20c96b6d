"""Predictions of people in Klaviyo's form, for the API's `predictive_analytics`. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from predictions.models import Prediction
from profiles.models import Profile
from profiles.registries.person_attributes import person_attributes
from segmenter.accounts.models import Account

_NUMBERS = (
    *("historic_clv", "predicted_clv", "total_clv"),
    *("historic_number_of_orders", "predicted_number_of_orders"),
    *("average_days_between_orders", "average_order_value", "churn_probability"),
)
_NOTHING: dict[str, Any] = dict.fromkeys(
    (*_NUMBERS, "expected_date_of_next_order", "ranked_channel_affinity")
)


def predictive_analytics(account: Account, profiles: Sequence[Profile]) -> dict[int, Any]:
    """The figures and predictions of each person, by id; null for what is unknown."""
    ids = [profile.pk for profile in profiles]
    rows = Prediction.objects.filter(account=account, profile__in=ids)
    attributes = {row.profile_id: _of(row, account.zone) for row in rows}
    return {id_: attributes.get(id_, _NOTHING) for id_ in ids}


def _of(row: Prediction, zone: ZoneInfo) -> dict[str, Any]:
    attributes = {**_NOTHING, **{name: getattr(row, name) for name in _NUMBERS}}
    if row.next_order is not None:
        # A day is represented by its start in the account's zone, as in conditions.
        begins = datetime.combine(row.next_order, time(), tzinfo=zone)
        attributes["expected_date_of_next_order"] = begins.isoformat()
    return attributes


person_attributes.add("predictive_analytics", predictive_analytics)
