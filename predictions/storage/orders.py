"""Reads an account's orders, refunds and cancellations as logs, from the columns of its people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from predictions.models import Choices
from predictions.numerics.arrays import Ints
from predictions.numerics.summary import NO_ORDER, Log, concatenate
from profiles.columns.column import Column
from profiles.columns.events import Events
from profiles.columns.population import Population
from profiles.models import Metric, Property
from segmenter.accounts.models import Account

USUAL = {
    "order_metric": "Placed Order",
    "refund_metric": "Refunded Order",
    "cancel_metric": "Cancelled Order",
}
"""The default metrics."""
_ORDER_PROPERTIES = ("orderid", "ordernumber", "ordername", "order")
"""Properties in which a refund names its order, as lower-case letters and digits."""


@dataclass(frozen=True)
class OrderLogs:
    """The logs of an account. Customers are numbers of people in the Population."""

    orders: Log
    reversals: Log


def choices_of(account: Account) -> Choices:
    """Return the settings of an account, or unsaved defaults."""
    return Choices.objects.filter(account=account).first() or Choices(account=account)


def metrics_of(account: Account, choices: Choices) -> dict[str, str]:
    """Return the field of Choices to the metric's key, for metrics that the account has."""
    keys = dict(Metric.objects.filter(account=account).values_list("name", "key"))
    metrics = {}
    for field, name in USUAL.items():
        choice = getattr(choices, field)
        key = keys.get(name) if choice is None else choice
        if key is not None and key in keys.values():
            metrics[field] = key
    return metrics


def orders_of(account: Account, people: Population, metrics: Mapping[str, str]) -> OrderLogs:
    """Read the logs. Without an order metric they are empty."""
    kinds = [field for field in USUAL if field in metrics]
    if "order_metric" not in metrics:
        return OrderLogs(Log.empty(), Log.empty())
    events = [people.events(metrics[kind]) for kind in kinds]
    names: Sequence[Ints | None] = [None] * len(kinds)
    if any(len(each) for each in events[1:]):
        keys = [metrics[kind] for kind in kinds]
        names = _order_numbers([_column(account, *pair) for pair in zip(events, keys, strict=True)])
    logs = {kind: _log(each, name) for kind, each, name in zip(kinds, events, names, strict=True)}
    orders = logs.pop("order_metric")
    reversals = Log.empty()
    if (cancellations := logs.get("cancel_metric")) is not None:
        reversals = concatenate(reversals, _cancellations(cancellations))
    if (refunds := logs.get("refund_metric")) is not None:
        # Some shops send refunds with a negative value.
        value = np.abs(refunds.value)
        reversals = concatenate(
            reversals, Log(refunds.customer, refunds.time, value, refunds.order)
        )
    return OrderLogs(orders, reversals)


def _log(events: Events, name: Ints | None) -> Log:
    return Log(events.who.astype(np.int64), events.when, events.values[events.rows].copy(), name)


def _cancellations(log: Log) -> Log:
    """A cancellation reverses all of the order that it names, or one of the same value."""
    names_order = np.zeros(len(log), np.bool_)
    if log.order is not None:
        names_order = log.order != NO_ORDER
    value = np.abs(log.value)
    value = np.where(names_order | ~(value > 0), np.nan, value)
    return Log(log.customer, log.time, value, log.order)


def _column(account: Account, events: Events, metric: str) -> Column | None:
    """The property in which a metric's events name the order; None if there is none."""
    names = Property.objects.filter(account=account, metric__key=metric)
    plain = {re.sub("[^a-z0-9]", "", n.lower()): n for n in names.values_list("name", flat=True)}
    name = next((plain[each] for each in _ORDER_PROPERTIES if each in plain), None)
    return None if name is None else events.column(name)


def _order_numbers(columns: Sequence[Column | None]) -> list[Ints | None]:
    """A number for each order that an event names, the same in all columns; NO_ORDER for none."""
    texts = [_texts(column) for column in columns if column is not None]
    if len(texts) < 2:
        return [None] * len(columns)
    numbered = pa.concat_arrays(texts).dictionary_encode().indices.fill_null(NO_ORDER)
    numbers = np.asarray(numbered, np.int64)
    result: list[Ints | None] = []
    begin = 0
    for column in columns:
        if column is None:
            result.append(None)
            continue
        size = len(column.values)
        result.append(np.append(numbers[begin : begin + size], NO_ORDER)[column.codes])
        begin += size
    return result


def _texts(column: Column) -> pa.StringArray:
    """A column's distinct values as texts, numbers included; other values are null."""
    numbers = pa.array(column.values.numbers, mask=np.isnan(column.values.numbers))
    return pc.coalesce(column.values.texts.cast(pa.string()), numbers.cast(pa.string()))
