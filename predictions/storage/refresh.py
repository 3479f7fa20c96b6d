"""Bringing an account's predictions up to date: fit once a week, predict every day.

Everything is as of the end of the last full day in the account's zone. Whoever changed gets a
ProfileChange with cause prediction, in the transaction that writes the row.
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
from predictions.numerics.forecast import MODEL_ERROR, forecast, month_edges
from predictions.numerics.gate import Gate, check_gate
from predictions.numerics.gender import Gender, guess_genders
from predictions.numerics.summary import Summary, end_of_day, last_full_day, settle, summarise
from predictions.storage import table
from predictions.storage.challenger import is_preferred, overruled
from predictions.storage.fitting import run
from predictions.storage.leases import Beat, held
from predictions.storage.orders import OrderLogs, choices_of, metrics_of, orders_of
from predictions.storage.queries import REFIT_DAYS, published
from predictions.storage.serialization import (
    as_date,
    day_number,
    fit_of,
    models_of,
    told_forecast,
    told_gate,
)
from predictions.storage.table import NONE, Columns
from profiles.columns.gather import all_of
from profiles.columns.instants import to_micros
from profiles.columns.population import Population
from profiles.models import Property
from segmenter.accounts.models import Account

DECLARED = ("gender", "sex")
"""Properties, by their small letters, in which people say what they are: nobody guesses then."""

log = logging.getLogger(__name__)


def ask(account: Account, at: datetime) -> None:
    """Have the models fitted anew and everyone predicted, by the next worker that is free."""
    Upkeep.objects.update_or_create(account=account, defaults={"asked": at, "failed": None})


def refresh(
    account: Account,
    at: datetime,
    *,
    clock: Callable[[], datetime] | None = None,
    refit: bool | None = None,
) -> Day | None:
    """Predict for everyone as of the last full day before `at`; None if another worker does.

    `refit`: fit the models first; left to the calendar by default (once a week, and when asked).
    Doing it again writes nothing new. `clock` tells the time while the work goes on.
    """
    time = clock or (lambda: at)
    with held(account, time) as beat:
        if beat is None:
            return None
        upkeep = Upkeep.objects.filter(account=account)
        asked = upkeep.values_list("asked", flat=True).get()
        try:
            day = _refresh(account, at, time, beat, refit if refit is not None else bool(asked))
        except Exception as error:
            told = f"{type(error).__name__}: {error}"[:1_000].replace("\0", "")
            upkeep.update(failed=time(), error=told)
            raise
        upkeep.update(day=day.day, failed=None, error="")
        upkeep.filter(asked=asked).update(asked=None)  # who asked meanwhile is served next
        return day


def _refresh(
    account: Account, at: datetime, clock: Callable[[], datetime], beat: Beat, refit: bool
) -> Day:
    zone, choices = account.zone, choices_of(account)
    today = last_full_day(to_micros(at), zone) + 1
    cutoff = today - 1
    people = all_of(account)
    filters = metrics_of(account, choices)
    taken = orders_of(account, people, filters)
    orders = settle(taken.orders, taken.reversals, zone, until=end_of_day(cutoff, zone))
    summary = summarise(orders, cutoff)
    gate = check_gate(orders, today)
    beat()
    if gate.open and (refit or _is_due(account, filters, cutoff)):
        made = run(
            account,
            taken,
            orders,
            summary,
            filters,
            with_spend=gate.open_for_spend,
            at=at,
            clock=clock,
            beat=beat,
        )
        if made.status == RunStatus.HELD_BACK:
            log.warning("predictions of %s: the run of %s is held back", account.slug, made.cutoff)
    used = published(account, filters) if gate.open else None
    outlook = _outlook(account, used, taken, summary, gate)
    beat()
    columns = _columns(people, summary, outlook, choices)
    limits: dict[str, Any] = {}
    if gate.open:
        limits = _group(summary, columns) | {"order_metric": filters["order_metric"]}
    columns = _moved(account, people, columns, cutoff)
    table.write(account.pk, people.ids, columns, as_of=as_date(cutoff), at=at, beat=beat)
    return _day(account, used, gate, summary, columns, choices, limits, at)


def _is_due(account: Account, filters: dict[str, str], cutoff: int) -> bool:
    """Whether the last run for these metrics is a week old, or there is none."""
    runs = Run.objects.filter(account=account, filters=filters).exclude(status=RunStatus.RUNNING)
    last = runs.order_by("-started", "-pk").values_list("cutoff", flat=True).first()
    return last is None or cutoff - day_number(last) >= REFIT_DAYS


def _outlook(
    account: Account, used: Run | None, taken: OrderLogs, summary: Summary, gate: Gate
) -> Expectations | None:
    orders, spend = models_of(used)
    if orders is None or not len(summary):
        return None
    found = look_ahead(summary, orders, spend if gate.open_for_spend else None)
    return overruled(found, taken, summary, account.zone) if is_preferred(account) else found


# --- columns -------------------------------------------------------------------------------------


def _columns(
    people: Population, summary: Summary, outlook: Expectations | None, choices: Choices
) -> Columns:
    """What is known and expected of everyone, without what RFM says."""
    found, who = table.empty(len(people)), summary.customer
    found["historic_clv"][who] = summary.spend
    found["historic_number_of_orders"][who] = summary.orders
    found["average_order_value"][who] = summary.average_order_value
    found["average_days_between_orders"][who] = summary.days_between_orders
    if outlook is not None:
        _expect(found, summary, outlook)
    if choices.guesses_gender:
        found["predicted_gender"] = _genders(people)
    return table.rounded(found)


def _expect(found: Columns, summary: Summary, outlook: Expectations) -> None:
    who = summary.customer
    found["predicted_number_of_orders"][who] = _sound(outlook.orders)
    if outlook.revenue is not None:
        found["predicted_clv"][who] = _sound(outlook.revenue)
        found["total_clv"] = found["historic_clv"] + found["predicted_clv"]
    for within in CHURN_DAYS[:-1]:
        found[f"churn_{within}"][who] = _sound(outlook.churn_probability(within))
    churn = _sound(outlook.churn_probability(outlook.days))
    found["churn_probability"][who] = churn
    found["order_probability"][who] = 1.0 - churn
    ahead = np.maximum(np.rint(outlook.next_order), 1.0)
    days = np.where(np.isfinite(ahead), summary.cutoff + np.nan_to_num(ahead), NONE)
    for name, column in zip(
        ("next_order_from", "next_order", "next_order_to"), days.T, strict=True
    ):
        found[name][who] = column.astype(np.int64)


def _sound(values: Floats) -> Floats:
    """What is no number is unknown."""
    return np.where(np.isfinite(values), values, np.nan)


def _genders(people: Population) -> Ints:
    """Places in Gender by first names; NONE without one, and for who has declared a gender."""
    names = people.attribute("first_name")
    guesses = guess_genders(names.values.texts.to_pylist())
    places = [list(Gender).index(guess) for guess in guesses]
    found = np.array([*places, NONE], np.int64)[names.codes]
    own = Property.objects.filter(account_id=people.account_id, metric=None)
    for name in own.values_list("name", flat=True):
        if name.lower().strip("$ ") in DECLARED:
            found[people.profile_property(name).is_set] = NONE
    return found


def _group(summary: Summary, columns: Columns) -> dict[str, Any]:
    """Put RFM into the columns; return where the terciles end."""
    scored = bands.grid(summary, columns["historic_clv"][summary.customer])
    columns["rfm_code"][summary.customer] = scored.code
    columns["rfm_group"][summary.customer] = scored.group
    return dict(scored.limits)


def _moved(account: Account, people: Population, columns: Columns, cutoff: int) -> Columns:
    """Note who came from another RFM group, and keep what was noted before."""
    old, _known = table.aligned(*table.read_all(account.pk), people.ids)
    before, now = old["rfm_group"], columns["rfm_group"]
    moved = (before >= 0) & (now >= 0) & (before != now)
    columns["previous_rfm_group"] = np.where(moved, before, old["previous_rfm_group"])
    columns["rfm_changed"] = np.where(moved, cutoff, old["rfm_changed"])
    return columns


# --- figures of the day --------------------------------------------------------------------------


def _day(
    account: Account,
    used: Run | None,
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
    counted = np.unique(codes[codes >= 0], return_counts=True)
    day, _made = Day.objects.update_or_create(
        account=account,
        day=as_date(summary.cutoff),
        defaults={
            "made": at,
            "run": used,
            "gate": told_gate(gate),
            "customers": len(summary),
            "forecast": _forecast(used, summary, gate),
            "groups": dict(
                zip(table.FIELDS["rfm_group"].words, sizes.tolist(), strict=True)
                if gate.open
                else ()
            ),
            "cells": {
                str(code): count
                for code, count in zip(counted[0].tolist(), counted[1].tolist(), strict=True)
            },
            "limits": limits,
            "churn": bands.risk_sizes(churn, (choices.medium_from, choices.high_from))
            if used
            else {},
            "percentiles": bands.percentiles(churn),
        },
    )
    return day


def _forecast(used: Run | None, summary: Summary, gate: Gate) -> dict[str, object] | None:
    if used is None or not len(summary):
        return None
    _orders, spend = models_of(used)
    found = forecast(
        summary,
        fit_of(used),
        spend if gate.open_for_spend else None,
        edges=month_edges(summary.cutoff),
        model_error=max(MODEL_ERROR, _own_error(used)),
    )
    return None if found is None else told_forecast(found, summary.cutoff)


def _own_error(used: Run) -> float:
    """How far the run's backtest was from the truth, as the size of a logarithm."""
    scores = (used.backtest.get("scores") or {}).get("orders")
    if not scores or not (scores["predicted"] > 0 and scores["actual"] > 0):
        return 0.0
    return float(abs(np.log(scores["predicted"] / scores["actual"])))
