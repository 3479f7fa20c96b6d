"""The card on a person's page: what they spent and will, when they come, how likely they stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from predictions.models import Prediction
from predictions.numerics.bands import Risk, percentile_of, risk_of
from predictions.numerics.estimators.mbg import History, OrderModel
from predictions.numerics.estimators.rfm import Group
from predictions.numerics.expectations import YEAR
from predictions.numerics.summary import end_of_day, settle
from predictions.pages.charts import risk_chart
from predictions.pages.wording import GENDER_NAMES, GROUP_NAMES, number, percent, risk_name, why_not
from predictions.storage.orders import metrics_of, orders_of
from predictions.storage.queries import PredictionState, prediction_of, standing_of
from predictions.storage.serialization import as_date, day_number, models_of
from profiles.columns.gather import some
from profiles.models import Profile
from profiles.registries.person_cards import PersonCard, person_cards
from segmenter.accounts.models import Account
from segmenter.kernel.charts import Chart

POINTS = 80
"""Days of a person's history at which the risk is worked out, beside their orders."""


@dataclass(frozen=True)
class RiskNow:
    value: str
    risk: Risk
    name: str
    percentile: int | None


@dataclass(frozen=True)
class Bar:
    """A part of a person's value; `x` and `width` in percent of the bar."""

    kind: str
    """`historic` or `predicted`."""
    value: str
    x: str
    width: str


def _card(account: Account, profile: Profile) -> dict[str, Any]:
    standing = standing_of(account)
    found = prediction_of(account, profile)
    lack, spend = standing.lack, standing.lacks_spend
    context: dict[str, Any] = {
        "prediction": found,
        "day": standing.day,
        "why_not": why_not(standing, lack) if lack else "",
        "why_no_spend": why_not(standing, spend) if spend and not lack else "",
        "gender_note": "" if standing.choices.guesses_gender else standing.choices.gender_note,
    }
    if found is None or standing.day is None:
        return context
    context |= {
        "bars": _bars(found),
        "facts": _facts(found),
        "gender": GENDER_NAMES.get(found.predicted_gender or ""),
        "group": GROUP_NAMES[Group(found.rfm_group)] if found.rfm_group else None,
        "before": GROUP_NAMES[Group(found.previous_rfm_group)]
        if found.previous_rfm_group
        else None,
    }
    model, _spend = models_of(standing.run)
    if found.churn_probability is not None and model is not None:
        context |= _risk(standing, found, profile, model)
    return context


def _bars(found: Prediction) -> list[Bar]:
    """Historic and predicted value beside each other; what was given back beyond is no length."""
    parts = [("historic", found.historic_clv), ("predicted", found.predicted_clv)]
    lengths = [max(value or 0.0, 0.0) for _, value in parts]
    total, at, bars = sum(lengths) or 1.0, 0.0, []
    for (kind, value), length in zip(parts, lengths, strict=True):
        if value is not None:
            share = 100 * length / total
            bars.append(Bar(kind, number(value, 2), f"{at:.2f}%", f"{share:.2f}%"))
            at += share
    return bars


def _facts(found: Prediction) -> dict[str, str]:
    """Numbers as they are read; what is null is left out."""
    values = {
        "total": (found.total_clv, 2),
        "orders": (found.historic_number_of_orders, 0),
        "predicted_orders": (found.predicted_number_of_orders, 1),
        "order_value": (found.average_order_value, 2),
        "days_between": (found.average_days_between_orders, 0),
    }
    said = {k: number(value, digits) for k, (value, digits) in values.items() if value is not None}
    if found.order_probability is not None:
        said["order_probability"] = percent(found.order_probability)
    return said


def _risk(
    standing: PredictionState, found: Prediction, profile: Profile, model: OrderModel
) -> dict[str, Any]:
    assert standing.day is not None
    assert found.churn_probability is not None
    choices = standing.choices
    limits = (choices.medium_from, choices.high_from)
    risk = risk_of(found.churn_probability, limits)
    order_days = _order_days(standing, profile)
    now = RiskNow(
        percent(found.churn_probability),
        risk,
        risk_name(risk),
        percentile_of(found.churn_probability, standing.day.percentiles),
    )
    chart, rows = history(model, order_days, day_number(standing.day.day), limits)
    return {"risk": now, "chart": chart, "risk_rows": rows}


def _order_days(standing: PredictionState, profile: Profile) -> list[int]:
    """The days on which the person ordered, ascending, up to the day that predictions know of."""
    account, day = standing.account, standing.day
    assert day is not None
    people = some(account, [profile.pk])
    taken = orders_of(account, people, metrics_of(account, standing.choices))
    until = end_of_day(day_number(day.day), account.zone)
    orders = settle(taken.orders, taken.reversals, account.zone, until=until)
    return sorted(set(orders.day.tolist()))


@dataclass(frozen=True)
class RiskRow:
    day: date
    value: str
    risk: Risk
    name: str


def history(
    model: OrderModel, order_days: list[int], cutoff: int, limits: tuple[float, float]
) -> tuple[Chart | None, list[RiskRow]]:
    """The churn risk on the days of a person's history; rows for the first, orders and last day.

    As the model in use would have told it then. Nothing for somebody who came yesterday only.
    """
    if not order_days or cutoff <= order_days[0]:
        return None, []
    even = np.linspace(order_days[0], cutoff, min(POINTS, cutoff - order_days[0] + 1))
    days = np.rint(even).astype(np.int64)
    known = np.array(order_days, np.int64)
    count = np.searchsorted(known, days, side="right")
    last = known[count - 1]
    seen = History(
        (count - 1).astype(np.float64),
        (last - known[0]).astype(np.float64),
        (days - known[0]).astype(np.float64),
    )
    risks = np.clip(model.churn_probability(seen, YEAR), 0.0, 1.0).tolist()
    bands = [risk_of(value, limits) for value in risks]
    dates = [as_date(day) for day in days.tolist()]
    chart = risk_chart(dates, risks, bands, [as_date(day) for day in order_days])
    changed = [i for i in range(len(bands)) if i == 0 or bands[i] is not bands[i - 1]]
    rows = [
        RiskRow(dates[i], percent(risks[i]), bands[i], risk_name(bands[i]))
        for i in sorted({*changed, len(bands) - 1})
    ]
    return chart, rows


person_cards.add("predictions", PersonCard("predictions/_of_person.html", 5, _card))
