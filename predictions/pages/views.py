"""The pages of predictions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from predictions.pages import backtest_figures, content
from predictions.pages.charts import calibration_chart, forecast_chart
from predictions.pages.forms import ChoicesForm
from predictions.pages.wording import why_not
from predictions.storage.orders import USUAL, choices_of
from predictions.storage.queries import PredictionState, state_of, upkeep_of
from predictions.storage.refresh import ask
from predictions.tasks import predict
from profiles.models import Metric
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now

UNPROCESSABLE = 422


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    """The gate, the forecast, the bands and their movement, the grid, the backtest, the model."""
    account = request.seat.account
    state = state_of(account)
    context: dict[str, Any] = {
        "state": state,
        "day": state.day,
        "why_not": why_not(state, state.lack) if state.lack else "",
        "why_no_spend": why_not(state, state.lacks_spend) if state.lacks_spend else "",
        "gate": content.gate_rows(state),
        "upkeep": upkeep_of(account),
        "may_write": request.seat.allows(Role.MARKETER),
    }
    if state.day is not None:
        earlier = content.month_ago(account, state.day)
        groups = content.group_tiles(state.day, earlier)
        risks = content.risk_tiles(state.day, earlier, state.choices)
        context |= {
            "earlier": earlier,
            "groups": groups,
            "group_parts": content.divided(groups),
            "risks": risks,
            "risk_parts": content.divided(risks),
            "grid": content.grid_rows(state.day),
            "moves": content.moves(account, state.day)[:12],
            **_forecast(state.day.forecast, state.day.day),
        }
    return render(request, "predictions/index.html", context | _run(state))


def _forecast(forecast: dict[str, Any] | None, cutoff: date) -> dict[str, Any]:
    if forecast is None:
        return {}
    kinds = [kind for kind in ("revenue", "orders") if forecast[kind]]
    rows = content.forecast_rows(forecast)
    return {
        "forecasts": [forecast_chart(forecast, kind, cutoff) for kind in kinds],
        "forecast_rows": rows,
        "forecast_total": rows[-1],
    }


def _run(state: PredictionState) -> dict[str, Any]:
    """The backtest of the last run, and the model in use."""
    latest, run = state.latest, state.run
    if latest is None:
        return {}
    model = run or latest
    names = dict(Metric.objects.filter(account=state.account).values_list("key", "name"))
    churn = (latest.backtest.get("scores") or {}).get("churn")
    return {
        "latest": latest,
        "figures": backtest_figures.figures(latest.backtest),
        "checks": backtest_figures.checks(latest.verdicts),
        "calibration": calibration_chart(churn["bins"]) if churn and churn["bins"] else None,
        "bins": churn["bins"] if churn else [],
        "model": model,
        "parameters": content.parameters(model),
        "metrics": [names[model.filters[f]] for f in USUAL if model.filters.get(f) in names],
    }


@require_POST
@page(Role.MARKETER)
def again(request: SeatRequest) -> HttpResponseBase:
    """Request a new fit of the models."""
    _ask(request)
    messages.success(request, _("The models are fitted anew. That takes a moment."))
    return redirect("predictions:index")


@require_http_methods(["GET", "POST"])
@page(Role.MARKETER)
def settings(request: SeatRequest) -> HttpResponseBase:
    """The settings: metrics of orders, guessing of gender, limits of bands."""
    form = ChoicesForm(request.POST or None, instance=choices_of(request.seat.account))
    if request.method == "POST" and form.is_valid():
        form.save()
        _ask(request)
        messages.success(request, _("Saved. Predictions follow in a moment."))
        return redirect("predictions:settings")
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "predictions/settings.html", {"form": form}, status=status)


def _ask(request: SeatRequest) -> None:
    ask(request.seat.account, now())
    predict.delay(request.seat.account_id)
