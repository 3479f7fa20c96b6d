"""The pages of predictions. Each reads, calls one verb, and renders."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from predictions import pages, tested
from predictions.drawing import calibration_chart, forecast_chart
from predictions.forms import ChoicesForm
from predictions.orders import USUAL, choices_of
from predictions.queries import Standing, standing_of, upkeep_of
from predictions.refresh import ask
from predictions.tasks import predict
from predictions.wording import why_not
from profiles.models import Metric
from segmenter.accounts.doors import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now

UNPROCESSABLE = 422


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    """The gate, the forecast, the bands and their movement, the grid, the backtest, the model."""
    account = request.seat.account
    standing = standing_of(account)
    context: dict[str, Any] = {
        "standing": standing,
        "day": standing.day,
        "why_not": why_not(standing, standing.lack) if standing.lack else "",
        "why_no_spend": why_not(standing, standing.lacks_spend) if standing.lacks_spend else "",
        "gate": pages.gate_rows(standing),
        "upkeep": upkeep_of(account),
        "may_write": request.seat.allows(Role.MARKETER),
    }
    if standing.day is not None:
        earlier = pages.before(account, standing.day)
        context |= {
            "earlier": earlier,
            "groups": pages.group_tiles(standing.day, earlier),
            "risks": pages.risk_tiles(standing.day, earlier, standing.choices),
            "grid": pages.grid_rows(standing.day),
            "moves": pages.moves(account, standing.day)[:12],
            **_forecast(standing.day.forecast),
        }
    return render(request, "predictions/index.html", context | _run(standing))


def _forecast(told: dict[str, Any] | None) -> dict[str, Any]:
    if told is None:
        return {}
    kinds = [kind for kind in ("revenue", "orders") if told[kind]]
    rows = pages.forecast_rows(told)
    return {
        "forecasts": [forecast_chart(told, kind) for kind in kinds],
        "forecast_rows": rows,
        "forecast_total": rows[-1],
    }


def _run(standing: Standing) -> dict[str, Any]:
    """The last run's test, and the model in use."""
    latest, used = standing.latest, standing.run
    if latest is None:
        return {}
    model = used or latest
    names = dict(Metric.objects.filter(account=standing.account).values_list("key", "name"))
    churn = (latest.backtest.get("scores") or {}).get("churn")
    return {
        "latest": latest,
        "figures": tested.figures(latest.backtest),
        "checks": tested.checks(latest.verdicts),
        "calibration": calibration_chart(churn["bins"]) if churn and churn["bins"] else None,
        "bins": churn["bins"] if churn else [],
        "model": model,
        "parameters": pages.parameters(model),
        "metrics": [names[model.filters[f]] for f in USUAL if model.filters.get(f) in names],
    }


@require_POST
@page(Role.MARKETER)
def again(request: SeatRequest) -> HttpResponseBase:
    """Have the models fitted anew."""
    _ask(request)
    messages.success(request, _("The models are fitted anew. That takes a moment."))
    return redirect("predictions:index")


@require_http_methods(["GET", "POST"])
@page(Role.MARKETER)
def settings(request: SeatRequest) -> HttpResponseBase:
    """What counts as an order, whether gender is guessed, where bands begin."""
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
