"""Refreshes an account's predictions: fits once a week, predicts every day.

Everything is as of the end of the last full day in the account's zone. People whose row changes get
a ProfileChange with cause prediction, in the same transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np

from predictions.models import Choices, Day, Run, RunStatus, Upkeep
from predictions.numerics import bands
from predictions.numerics.arrays import Floats, Ints
from predictions.numerics.expectations import CHURN_DAYS, Expectations, look_ahead
from predictions.numerics.forecast import forecast, month_edges
from predictions.numerics.gate import Gate, check_gate
from predictions.numerics.gender import Gender, guess_genders
from predictions.numerics.summary import Summary, end_of_day, last_full_day, settle, summarise
from predictions.storage import table
from predictions.storage.challenger import is_preferred, override
from predictions.storage.leases import Beat, lease
from predictions.storage.model_run import run
from predictions.storage.orders import OrderLogs, choices_of, metrics_of, orders_of
from predictions.storage.queries import REFIT_DAYS, run_in_use
from predictions.storage.serialization import (
    as_date,
    day_number,
    fit_of,
    forecast_json,
    gate_json,
    model_error_of,
    models_of,
)
from predictions.storage.table import NONE, Columns
from profiles.columns.gather import all_of
from profiles.columns.instants import to_micros
from profiles.columns.population import Population
from profiles.models import Property
from segmenter.accounts.models import Account

DECLARED = ("gender", "sex")
"""Properties (lower case) in which people declare their gender: then it is not guessed."""

log = logging.getLogger(__name__)


def ask(account: Account, at: datetime) -> None:
    """Request a new fit and predictions for everyone, by the next free worker."""
    Upkeep.objects.update_or_create(account=account, defaults={"asked": at, "failed": None})


def refresh(
    account: Account,
    at: datetime,
    *,
    clock: Callable[[], datetime] | None = None,
    refit: bool | None = None,
) -> Day | None:
    """Predict for everyone as of the last full day before `at`; None if another worker does.

    `refit`: fit the models first; by default once a week and on request. Idempotent. `clock`
    returns the time during the work.
    """
    time = clock or (lambda: at)
    with lease(account, time) as beat:
        if beat is None:
            return None
        upkeep = Upkeep.objects.filter(account=account)
        requested = upkeep.values_list("asked", flat=True).get()
        try:
            day = _refresh(account, at, time, beat, refit if refit is not None else bool(requested))
        except Exception as error:
            message = f"{type(error).__name__}: {error}"[:1_000].replace("\0", "")
            upkeep.update(failed=time(), error=message)
            raise
        upkeep.update(day=day.day, failed=None, error="")
        upkeep.filter(asked=requested).update(asked=None)  # a later request stays
        return day


def _refresh(
    account: Account, at: datetime, clock: Callable[[], datetime], beat: Beat, refit: bool
) -> Day:
    zone, choices = account.zone, choices_of(account)
    today = last_full_day(to_micros(at), zone) + 1
    cutoff = today - 1
    people = all_of(account)
    filters = metrics_of(account, choices)
    logs = orders_of(account, people, filters)
    orders = settle(logs.orders, logs.reversals, zone, until=end_of_day(cutoff, zone))
    summary = summarise(orders, cutoff)
    gate = check_gate(orders, today)
    beat()
    if gate.open and (refit or _is_due(account, filters, cutoff)):
        new_run = run(
            account,
            logs,
            orders,
            summary,
            filters,
            with_spend=gate.open_for_spend,
            at=at,
            clock=clock,
            beat=beat,
        )
        if new_run.status == RunStatus.HELD_BACK:
            log.warning(
                "predictions of %s: the run of %s is held back", account.slug, new_run.cutoff
            )
    run_used = run_in_use(account, filters) if gate.open else None
    expectations = _expectations(account, run_used, logs, summary, gate)
    beat()
    columns = _columns(people, summary, expectations, choices)
    limits: dict[str, Any] = {}
    if gate.open:
        limits = _group(summary, columns) | {"order_metric": filters["order_metric"]}
    columns = _track_group_changes(account, people, columns, cutoff)
    table.write(account.pk, people.ids, columns, as_of=as_date(cutoff), at=at, beat=beat)
    return _day(account, run_used, gate, summary, columns, choices, limits, at)


def _is_due(account: Account, filters: dict[str, str], cutoff: int) -> bool:
    """Whether there is no run for these metrics that is less than a week old."""
    runs = Run.objects.filter(account=account, filters=filters).exclude(status=RunStatus.RUNNING)
    last = runs.order_by("-started", "-pk").values_list("cutoff", flat=True).first()
    return last is None or cutoff - day_number(last) >= REFIT_DAYS


def _expectations(
    account: Account, run_used: Run | None, logs: OrderLogs, summary: Summary, gate: Gate
) -> Expectations | None:
    orders, spend = models_of(run_used)
    if orders is None or not len(summary):
        return None
    result = look_ahead(summary, orders, spend if gate.open_for_spend else None)
    return override(result, logs, summary, account.zone) if is_preferred(account) else result


# --- columns -------------------------------------------------------------------------------------


def _columns(
    people: Population, summary: Summary, expectations: Expectations | None, choices: Choices
) -> Columns:
    """The columns of everyone, without RFM."""
    columns, customers = table.empty(len(people)), summary.customer
    columns["historic_clv"][customers] = summary.spend
    columns["historic_number_of_orders"][customers] = summary.orders
    columns["average_order_value"][customers] = summary.average_order_value
    columns["average_days_between_orders"][customers] = summary.days_between_orders
    if expectations is not None:
        _expect(columns, summary, expectations)
    if choices.guesses_gender:
        columns["predicted_gender"] = _genders(people)
    return table.round_numbers(columns)


def _expect(columns: Columns, summary: Summary, expectations: Expectations) -> None:
    customers = summary.customer
    columns["predicted_number_of_orders"][customers] = _finite_or_null(expectations.orders)
    if expectations.revenue is not None:
        columns["predicted_clv"][customers] = _finite_or_null(expectations.revenue)
        columns["total_clv"] = columns["historic_clv"] + columns["predicted_clv"]
    for within in CHURN_DAYS[:-1]:
        columns[f"churn_{within}"][customers] = _finite_or_null(
            expectations.churn_probability(within)
        )
    churn = _finite_or_null(expectations.churn_probability(expectations.days))
    columns["churn_probability"][customers] = churn
    columns["order_probability"][customers] = 1.0 - churn
    ahead = np.maximum(np.rint(expectations.next_order), 1.0)
    days = np.where(np.isfinite(ahead), summary.cutoff + np.nan_to_num(ahead), NONE)
    for name, column in zip(
        ("next_order_from", "next_order", "next_order_to"), days.T, strict=True
    ):
        columns[name][customers] = column.astype(np.int64)


def _finite_or_null(values: Floats) -> Floats:
    """The values, NaN where they are not finite."""
    return np.where(np.isfinite(values), values, np.nan)


def _genders(people: Population) -> Ints:
    """Positions in Gender by first names; NONE without one, and for declared genders."""
    names = people.attribute("first_name")
    guesses = guess_genders(names.values.texts.to_pylist())
    places = [list(Gender).index(guess) for guess in guesses]
    positions = np.array([*places, NONE], np.int64)[names.codes]
    properties = Property.objects.filter(account_id=people.account_id, metric=None)
    for name in properties.values_list("name", flat=True):
        if name.lower().strip("$ ") in DECLARED:
            positions[people.profile_property(name).is_set] = NONE
    return positions


def _group(summary: Summary, columns: Columns) -> dict[str, Any]:
    """Add RFM to the columns; return the limits of terciles."""
    scored = bands.grid(summary, columns["historic_clv"][summary.customer])
    columns["rfm_code"][summary.customer] = scored.code
    columns["rfm_group"][summary.customer] = scored.group
    return dict(scored.limits)


def _track_group_changes(
    account: Account, people: Population, columns: Columns, cutoff: int
) -> Columns:
    """Set the previous RFM group of people who changed groups; others keep theirs."""
    old, _has_row = table.align(*table.read_all(account.pk), people.ids)
    before, now = old["rfm_group"], columns["rfm_group"]
    has_moved = (before >= 0) & (now >= 0) & (before != now)
    columns["previous_rfm_group"] = np.where(has_moved, before, old["previous_rfm_group"])
    columns["rfm_changed"] = np.where(has_moved, cutoff, old["rfm_changed"])
    return columns


# --- figures of the day --------------------------------------------------------------------------


def _day(
    account: Account,
    run_used: Run | None,
    gate: Gate,
    summary: Summary,
    columns: Columns,
    choices: Choices,
    limits: dict[str, Any],
    at: datetime,
) -> Day:
    groups, codes = columns["rfm_group"], columns["rfm_code"]
    churn = columns["churn_probability"]
    sizes = np.bincount(groups[groups >= 0], minlength=len(table.FIELDS["rfm_group"].words))
    code_counts = np.unique(codes[codes >= 0], return_counts=True)
    day, _created = Day.objects.update_or_create(
        account=account,
        day=as_date(summary.cutoff),
        defaults={
            "made": at,
            "run": run_used,
            "gate": gate_json(gate),
            "customers": len(summary),
            "forecast": _forecast(run_used, summary, gate),
            "groups": dict(
                zip(table.FIELDS["rfm_group"].words, sizes.tolist(), strict=True)
                if gate.open
                else ()
            ),
            "cells": {
                str(code): count
                for code, count in zip(
                    code_counts[0].tolist(), code_counts[1].tolist(), strict=True
                )
            },
            "limits": limits,
            "churn": bands.risk_sizes(churn, (choices.medium_from, choices.high_from))
            if run_used
            else {},
            "percentiles": bands.percentiles(churn),
        },
    )
    return day


def _forecast(run_used: Run | None, summary: Summary, gate: Gate) -> dict[str, object] | None:
    if run_used is None or not len(summary):
        return None
    _orders, spend = models_of(run_used)
    result = forecast(
        summary,
        fit_of(run_used),
        spend if gate.open_for_spend else None,
        edges=month_edges(summary.cutoff),
        model_error=model_error_of(run_used),
    )
    return None if result is None else forecast_json(result, summary.cutoff)
