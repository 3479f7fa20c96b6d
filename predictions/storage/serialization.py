"""Serializes results of the numerics as JSON, and reads stored parameters as models."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import numpy as np

from predictions.models import Run
from predictions.numerics.backtest import Backtest, Scores, Verdict
from predictions.numerics.estimators.ladder import (
    Ending,
    FitOutcome,
    OrderFit,
    Rung,
    RungTrial,
    SpendFit,
)
from predictions.numerics.estimators.mbg import OrderModel
from predictions.numerics.estimators.spend import SpendModel
from predictions.numerics.forecast import MODEL_ERROR, Amounts, Forecast
from predictions.numerics.gate import Gate, GateMeasure, Requirement

EPOCH = date(1970, 1, 1)


def as_date(day: int) -> date:
    """The date of a local day's number."""
    return EPOCH + timedelta(days=day)


def day_number(day: date) -> int:
    return (day - EPOCH).days


def parameters_json(orders: OrderModel | None, spend: SpendModel | None) -> dict[str, float | None]:
    """r, alpha, a, b, p, q and v; null without a model."""
    values: dict[str, float | None] = dict.fromkeys(("r", "alpha", "a", "b", "p", "q", "v"))
    if orders is not None:
        values |= asdict(orders)
    if spend is not None:
        values |= asdict(spend)
    return values


def models_of(run: Run | None) -> tuple[OrderModel | None, SpendModel | None]:
    """The models of a run."""
    if run is None or run.parameters.get("r") is None:
        return None, None
    values = run.parameters
    orders = OrderModel(values["r"], values["alpha"], values["a"], values["b"])
    spend = None if values["p"] is None else SpendModel(values["p"], values["q"], values["v"])
    return orders, spend


def fit_of(run: Run) -> OrderFit:
    """A run's fit of orders, for the forecast."""
    model, _spend = models_of(run)
    rung = Rung(run.endings["orders"]["rung"])
    return OrderFit(
        Ending(rung, (RungTrial(rung, FitOutcome.TAKEN),)),
        model,
        run.customers,
        run.repeat_customers,
        0,
        run.log_likelihood,
        None if run.covariance is None else np.array(run.covariance, np.float64),
    )


def model_error_of(run: Run) -> float:
    """The relative standard error of a run's totals: that of its backtest if that is larger."""
    scores = (run.backtest.get("scores") or {}).get("orders")
    if not scores or not (scores["predicted"] > 0 and scores["actual"] > 0):
        return MODEL_ERROR
    return max(MODEL_ERROR, float(abs(np.log(scores["predicted"] / scores["actual"]))))


def ending_json(fit: OrderFit | SpendFit) -> dict[str, Any]:
    ending = fit.ending
    return {
        "rung": ending.rung.value,
        "reason": ending.reason.value if ending.reason else None,
        "steps": [[step.rung.value, step.outcome.value] for step in ending.steps],
    }


def backtest_json(backtest: Backtest) -> dict[str, Any]:
    """All figures of a backtest."""
    return {
        "cutoff": as_date(backtest.cutoff).isoformat(),
        "days": backtest.days,
        "customers": backtest.customers,
        "newcomers": backtest.newcomers,
        "endings": {
            "orders": ending_json(backtest.order_fit),
            "spend": ending_json(backtest.spend_fit),
        },
        "parameters": parameters_json(backtest.order_fit.model, backtest.spend_fit.model),
        "scores": _scores_json(backtest.scores),
        "challenger": _scores_json(backtest.challenger),
    }


def _scores_json(scores: Scores | None) -> dict[str, Any] | None:
    return None if scores is None else asdict(scores)


def verdicts_json(verdicts: tuple[Verdict, ...]) -> list[dict[str, Any]]:
    return [
        {"check": v.check.value, "value": v.value, "limit": v.limit, "passed": bool(v.passed)}
        for v in verdicts
    ]


def gate_json(gate: Gate) -> list[dict[str, Any]]:
    return [
        {"need": requirement.need.value, "value": requirement.value, "least": requirement.least}
        for requirement in gate.requirements
    ]


def gate_of(requirements: list[dict[str, Any]]) -> Gate:
    return Gate(
        tuple(
            Requirement(GateMeasure(each["need"]), each["value"], each["least"])
            for each in requirements
        )
    )


def forecast_json(forecast: Forecast, cutoff: int) -> dict[str, Any]:
    """Months by their first days, with orders and revenue (or null) of each."""
    return {
        "months": [as_date(cutoff + 1 + edge).isoformat() for edge in forecast.edges[:-1]],
        "until": as_date(cutoff + forecast.edges[-1]).isoformat(),
        "orders": _amounts_json(forecast.orders),
        "revenue": None if forecast.revenue is None else _amounts_json(forecast.revenue),
    }


def _amounts_json(amounts: Amounts) -> dict[str, Any]:
    return {
        "expected": np.round(amounts.expected, 4).tolist(),
        "low": np.round(amounts.low, 4).tolist(),
        "high": np.round(amounts.high, 4).tolist(),
        "total": amounts.total,
        "total_low": amounts.total_low,
        "total_high": amounts.total_high,
    }
