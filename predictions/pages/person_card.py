"""The card on a person's page: past and predicted spend, next order, churn risk."""

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
from predictions.storage.queries import PredictionState, prediction_of, state_of
from predictions.storage.serialization import as_date, day_number, models_of
from profiles.columns.gather import some
from profiles.models import Profile
from profiles.registries.person_cards import PersonCard, person_cards
from segmenter.accounts.models import Account
from segmenter.kernel.charts import Chart

POINTS = 80
"""Number of days in a person's history at which the risk is computed."""


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
    state = state_of(account)
    prediction = prediction_of(account, profile)
    lack, spend = state.lack, state.lacks_spend
    context: dict[str, Any] = {
        "prediction": prediction,
        "day": state.day,
        "why_not": why_not(state, lack) if lack else "",
        "why_no_spend": why_not(state, spend) if spend and not lack else "",
        "gender_note": "" if state.choices.guesses_gender else state.choices.gender_note,
    }
    if prediction is None or state.day is None:
        return context
    context |= {
        "bars": _bars(prediction),
        "facts": _facts(prediction),
        "gender": GENDER_NAMES.get(prediction.predicted_gender or ""),
        "group": GROUP_NAMES[Group(prediction.rfm_group)] if prediction.rfm_group else None,
        "before": GROUP_NAMES[Group(prediction.previous_rfm_group)]
        if prediction.previous_rfm_group
        else None,
    }
    model, _spend = models_of(state.run)
    if prediction.churn_probability is not None and model is not None:
        context |= _risk(state, prediction, profile, model)
    return context


def _bars(prediction: Prediction) -> list[Bar]:
    """Bars of historic and predicted value; a negative value has no length."""
    parts = [("historic", prediction.historic_clv), ("predicted", prediction.predicted_clv)]
    lengths = [max(value or 0.0, 0.0) for _, value in parts]
    total, at, bars = sum(lengths) or 1.0, 0.0, []
    for (kind, value), length in zip(parts, lengths, strict=True):
        if value is not None:
            share = 100 * length / total
            bars.append(Bar(kind, number(value, 2), f"{at:.2f}%", f"{share:.2f}%"))
            at += share
    return bars


def _facts(prediction: Prediction) -> dict[str, str]:
    """Numbers as texts, without those that are null."""
    values = {
        "total": (prediction.total_clv, 2),
        "orders": (prediction.historic_number_of_orders, 0),
        "predicted_orders": (prediction.predicted_number_of_orders, 1),
        "order_value": (prediction.average_order_value, 2),
        "days_between": (prediction.average_days_between_orders, 0),
    }
    texts = {k: number(value, digits) for k, (value, digits) in values.items() if value is not None}
    if prediction.order_probability is not None:
        texts["order_probability"] = percent(prediction.order_probability)
    return texts


def _risk(
    state: PredictionState, prediction: Prediction, profile: Profile, model: OrderModel
) -> dict[str, Any]:
    assert state.day is not None
    assert prediction.churn_probability is not None
    choices = state.choices
    limits = (choices.medium_from, choices.high_from)
    risk = risk_of(prediction.churn_probability, limits)
    order_days = _order_days(state, profile)
    now = RiskNow(
        percent(prediction.churn_probability),
        risk,
        risk_name(risk),
        percentile_of(prediction.churn_probability, state.day.percentiles),
    )
    chart, rows = history(model, order_days, day_number(state.day.day), limits)
    return {"risk": now, "chart": chart, "risk_rows": rows}


def _order_days(state: PredictionState, profile: Profile) -> list[int]:
    """The days on which the person ordered, ascending, up to the day of the predictions."""
    account, day = state.account, state.day
    assert day is not None
    people = some(account, [profile.pk])
    logs = orders_of(account, people, metrics_of(account, state.choices))
    until = end_of_day(day_number(day.day), account.zone)
    orders = settle(logs.orders, logs.reversals, account.zone, until=until)
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
    """The churn risk over a person's history: a chart, and a row for each change of the band.

    Computed with the model in use. Empty if the first order was on the last day.
    """
    if not order_days or cutoff <= order_days[0]:
        return None, []
    even = np.linspace(order_days[0], cutoff, min(POINTS, cutoff - order_days[0] + 1))
    days = np.rint(even).astype(np.int64)
    ordered_days = np.array(order_days, np.int64)
    count = np.searchsorted(ordered_days, days, side="right")
    last = ordered_days[count - 1]
    histories = History(
        (count - 1).astype(np.float64),
        (last - ordered_days[0]).astype(np.float64),
        (days - ordered_days[0]).astype(np.float64),
    )
    risks = np.clip(model.churn_probability(histories, YEAR), 0.0, 1.0).tolist()
    bands = [risk_of(value, limits) for value in risks]
    dates = [as_date(day) for day in days.tolist()]
    chart = risk_chart(dates, risks, bands, [as_date(day) for day in order_days])
    changes = [i for i in range(len(bands)) if i == 0 or bands[i] is not bands[i - 1]]
    rows = [
        RiskRow(dates[i], percent(risks[i]), bands[i], risk_name(bands[i]))
        for i in sorted({*changes, len(bands) - 1})
    ]
    return chart, rows


person_cards.add("predictions", PersonCard("predictions/_of_person.html", 5, _card))
