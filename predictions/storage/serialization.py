"""Results of the numerics as JSON that is kept, and kept parameters as models again."""

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
from predictions.numerics.forecast import Amounts, Forecast
from predictions.numerics.gate import Gate, GateMeasure, Requirement

EPOCH = date(1970, 1, 1)


def as_date(day: int) -> date:
    """The date of a local day's number."""
    return EPOCH + timedelta(days=day)


def day_number(day: date) -> int:
    return (day - EPOCH).days


def told_parameters(orders: OrderModel | None, spend: SpendModel | None) -> dict[str, float | None]:
    """r, alpha, a, b, p, q and v; null where there is no model."""
    found: dict[str, float | None] = dict.fromkeys(("r", "alpha", "a", "b", "p", "q", "v"))
    if orders is not None:
        found |= asdict(orders)
    if spend is not None:
        found |= asdict(spend)
    return found


def models_of(run: Run | None) -> tuple[OrderModel | None, SpendModel | None]:
    """The models of a run."""
    if run is None or run.parameters.get("r") is None:
        return None, None
    has = run.parameters
    orders = OrderModel(has["r"], has["alpha"], has["a"], has["b"])
    spend = None if has["p"] is None else SpendModel(has["p"], has["q"], has["v"])
    return orders, spend


def fit_of(run: Run) -> OrderFit:
    """A run's fit of orders, as the forecast wants it."""
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


def told_ending(fit: OrderFit | SpendFit) -> dict[str, Any]:
    ending = fit.ending
    return {
        "rung": ending.rung.value,
        "reason": ending.reason.value if ending.reason else None,
        "steps": [[step.rung.value, step.outcome.value] for step in ending.steps],
    }


def told_backtest(found: Backtest) -> dict[str, Any]:
    """All figures of a backtest."""
    return {
        "cutoff": as_date(found.cutoff).isoformat(),
        "days": found.days,
        "customers": found.customers,
        "newcomers": found.newcomers,
        "endings": {
            "orders": told_ending(found.order_fit),
            "spend": told_ending(found.spend_fit),
        },
        "parameters": told_parameters(found.order_fit.model, found.spend_fit.model),
        "scores": _told_scores(found.scores),
        "challenger": _told_scores(found.challenger),
    }


def _told_scores(scores: Scores | None) -> dict[str, Any] | None:
    return None if scores is None else asdict(scores)


def told_verdicts(verdicts: tuple[Verdict, ...]) -> list[dict[str, Any]]:
    return [
        {"check": v.check.value, "value": v.value, "limit": v.limit, "passed": bool(v.passed)}
        for v in verdicts
    ]


def told_gate(gate: Gate) -> list[dict[str, Any]]:
    return [
        {"need": one.need.value, "value": one.value, "least": one.least}
        for one in gate.requirements
    ]


def gate_of(told: list[dict[str, Any]]) -> Gate:
    return Gate(tuple(Requirement(GateMeasure(t["need"]), t["value"], t["least"]) for t in told))


def told_forecast(found: Forecast, cutoff: int) -> dict[str, Any]:
    """Months by their first days, with orders and (unless null) revenue of each."""
    return {
        "months": [as_date(cutoff + 1 + edge).isoformat() for edge in found.edges[:-1]],
        "until": as_date(cutoff + found.edges[-1]).isoformat(),
        "orders": _told_amounts(found.orders),
        "revenue": None if found.revenue is None else _told_amounts(found.revenue),
    }


def _told_amounts(amounts: Amounts) -> dict[str, Any]:
    return {
        "expected": np.round(amounts.expected, 4).tolist(),
        "low": np.round(amounts.low, 4).tolist(),
        "high": np.round(amounts.high, 4).tolist(),
        "total": amounts.total,
        "total_low": amounts.total_low,
        "total_high": amounts.total_high,
    }
