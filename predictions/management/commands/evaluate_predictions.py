"""`manage.py evaluate_predictions ORDERS.csv ...`: how well the models predict an order log.

Fits to the orders up to a cutoff, predicts the days after it, and prints one JSON object. Needs no
database and stores nothing.
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from predictions.numerics.backtest import Scores, challenge, compare, fit, hold_out, predict
from predictions.numerics.estimators import likelihood
from predictions.numerics.estimators.ladder import Ending, OrderFit, SpendFit
from predictions.numerics.scores import AmountScores, ProbabilityScores
from predictions.numerics.summary import Log, local_days
from predictions.storage.order_file import Columns, OrderFile, read_orders
from profiles.imports.layout import detect_layout, is_json_lines
from profiles.imports.source import FileSource
from profiles.management import arguments
from segmenter.kernel.errors import ApplicationError

WRONG_USAGE = 2
CHURN_DAYS = 90
_EPOCH = date(1970, 1, 1)
_LONGEST = 36_500


class Command(BaseCommand):
    """Exit code 1: the file cannot be read; 2: wrong usage."""

    help = (
        "Fit the models to an order log up to a cutoff, predict the days after it, and print how"
        " well that went as one JSON object. Orders are counted in days: several of a customer on"
        " one day are one. Rows of negative value are refunds, rows of value 0 count for nothing."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("file", metavar="ORDERS.csv", help="one row an order; CSV, also .gz")
        for name, help_text in (
            ("customer", "whose order it is"),
            ("time", "when it was placed"),
            ("value", "what was paid"),
        ):
            add(f"--{name}", required=True, metavar="COLUMN", help=help_text)
        add("--cutoff", required=True, type=_date, metavar="DATE", help="last day to fit on")
        add("--days", required=True, type=_days, metavar="N", help="days to predict after it")
        add("--challenger", action="store_true", help="score gradient boosting, too")
        arguments.add_layout(parser)
        add(
            "--time-zone",
            type=arguments.zone,
            default=ZoneInfo("UTC"),
            help="of days, and of times that name none; UTC by default",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["columns"] and not options["no_header"]:
            why = "--columns names the columns of a file without a header: --no-header."
            raise CommandError(why, returncode=WRONG_USAGE)
        if is_json_lines(options["file"]):
            raise CommandError("Orders are read from CSV, not JSON Lines.", returncode=WRONG_USAGE)
        try:
            file = _read(options)
        except ApplicationError as error:
            raise CommandError(str(error)) from error
        cutoff = (options["cutoff"] - _EPOCH).days
        self._warn(file, cutoff + options["days"], options["time_zone"])
        result = evaluate(
            file.orders,
            zone=options["time_zone"],
            cutoff=cutoff,
            days=options["days"],
            challenger=options["challenger"],
        )
        self.stdout.write(json.dumps(result, indent=2, allow_nan=False))

    def _warn(self, file: OrderFile, until: int, zone: ZoneInfo) -> None:
        if file.rejects:
            line, reason = file.rejects[0]
            count = f"{len(file.rejects):,} of {file.rows:,} rows"
            self._tell(f"Warning: {count} were left out. The first one, line {line}: {reason}")
        last = int(local_days(file.orders.time, zone).max())
        if last < until:
            gap = f"{until - last} days before the days to predict are over"
            self._tell(f"Warning: the log ends {gap}; the actual figures may be too low.")

    def _tell(self, text: str) -> None:
        self.stderr.write(text, style_func=str)


def evaluate(
    orders: Log, *, zone: ZoneInfo, cutoff: int, days: int, challenger: bool
) -> dict[str, Any]:
    """Fit, predict and score; return the result to print. `cutoff` is a local day's number."""
    likelihood.load()  # first, so that its import is not timed as a part of the fit
    holdout = hold_out(orders, Log.empty(), zone=zone, cutoff=cutoff, days=days)
    start = time.perf_counter()
    order_fit, spend_fit = fit(holdout.summary)
    fit_end = time.perf_counter()
    expectations = None
    if order_fit.model is not None:
        expectations = predict(holdout, order_fit.model, spend_fit.model)
    prediction_end = time.perf_counter()
    scores = None if expectations is None else compare(holdout, expectations)
    result = {
        "parameters": _parameters(order_fit, spend_fit),
        "log_likelihood": order_fit.log_likelihood,
        "spend_log_likelihood": spend_fit.log_likelihood,
        "fit": {"orders": _ending(order_fit.ending), "spend": _ending(spend_fit.ending)},
        "customers": len(holdout.summary),
        "repeat_customers": order_fit.repeat_customers,
        "newcomers": holdout.newcomers,
        "orders_per_order_day": holdout.summary.orders_per_order_day,
        **_figures(scores, float(holdout.order_days.sum()), float(holdout.revenue.sum())),
        "seconds_fit": round(fit_end - start, 3),
        "seconds_predict": round(prediction_end - fit_end, 3),
    }
    if challenger:
        challenger_scores = challenge(holdout)
        result["challenger"] = None
        if challenger_scores is not None:
            result["challenger"] = _figures(challenger_scores, challenger_scores.orders.actual, 0.0)
    return result


def _parameters(orders: OrderFit, spend: SpendFit) -> dict[str, float | None]:
    return {
        **{name: getattr(orders.model, name, None) for name in ("r", "alpha", "a", "b")},
        **{name: getattr(spend.model, name, None) for name in ("p", "q", "v")},
    }


def _ending(ending: Ending) -> dict[str, Any]:
    return {
        "status": ending.rung.value,
        "reason": None if ending.reason is None else ending.reason.value,
        "steps": [f"{step.rung.value}: {step.outcome.value}" for step in ending.steps],
    }


def _figures(scores: Scores | None, orders: float, revenue: float) -> dict[str, Any]:
    nothing = AmountScores(0.0, 0.0, None, None, None, None, None, None, None)
    of_orders = scores.orders if scores else nothing
    of_revenue = (scores.revenue if scores else None) or nothing
    churn = scores.churn if scores else None
    dates = scores.date if scores else None
    return {
        "predicted_orders": of_orders.predicted if scores else None,
        "actual_orders": orders,
        "predicted_revenue": of_revenue.predicted if scores and scores.revenue else None,
        "actual_revenue": of_revenue.actual if scores and scores.revenue else revenue,
        "orders_bias": of_orders.bias,
        "orders_mae": of_orders.mae,
        "orders_mae_naive": of_orders.naive_mae,
        "orders_rmse": of_orders.rmse,
        "orders_r": of_orders.r,
        "revenue_mae": of_revenue.mae,
        "revenue_spearman": of_revenue.rank_correlation,
        "top_decile_share": of_revenue.top_decile_share,
        "churn_90": _churn(churn) if churn and churn.days == CHURN_DAYS else None,
        "next_order_date_mae_days": dates.mae_days if dates else None,
        "next_order_date_coverage": dates.coverage if dates else None,
    }


def _churn(churn: ProbabilityScores) -> dict[str, float | None]:
    return {
        "brier": churn.brier,
        "brier_base": churn.brier_base,
        "auc": churn.auc,
        "calibration_error": churn.calibration_error,
    }


def _read(options: dict[str, Any]) -> OrderFile:
    source = FileSource(Path(options["file"]))
    layout = detect_layout(
        source,
        encoding=options["encoding"],
        delimiter=options["delimiter"],
        header=not options["no_header"],
        columns=options["columns"] or (),
    )
    columns = Columns(
        options["customer"],
        options["time"],
        options["value"],
        options["time_format"],
        options["time_zone"],
    )
    return read_orders(source, layout, columns)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date as 1997-09-30.") from None


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _LONGEST:
        raise ArgumentTypeError(f"{text!r} is not a number of days from 1 to {_LONGEST:,}.")
    return int(text)
