"""Reads a file of orders (CSV, also gzip) as a log: customer, time, value.

Uses the reader of imports, and stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np

from predictions.numerics.summary import Log
from profiles.columns.instants import to_micros
from profiles.imports.blocks import read_blocks
from profiles.imports.layout import Layout
from profiles.imports.source import FileSource, Unreadable
from profiles.imports.targets import find_column
from profiles.imports.values import RefusedCell, amount_memo, time_memo

Rejects = list[tuple[int, str]]


@dataclass(frozen=True)
class Columns:
    """The names of the columns to read, and the format of times.

    `time_format`: of strptime; None for ISO 8601. Times that name no zone are in `zone`.
    """

    customer: str
    time: str
    value: str
    time_format: str | None
    zone: tzinfo


@dataclass(frozen=True)
class OrderFile:
    """The orders of a file; `rejects`: line and reason of each row that is not an order."""

    orders: Log
    customers: int
    rows: int
    rejects: Rejects


def read_orders(source: FileSource, layout: Layout, columns: Columns) -> OrderFile:
    """Read a file of orders. Raises Unreadable if it has no orders, or lacks a column."""
    places = [
        find_column(layout.columns, name)
        for name in (columns.customer, columns.time, columns.value)
    ]
    numbers: dict[str, int] = {}
    times, amounts = time_memo(columns.time_format, columns.zone), amount_memo()
    customers: list[int] = []
    order_times: list[int] = []
    order_values: list[float] = []
    rejects: Rejects = []
    rows = 0
    for block in read_blocks(source, layout):
        rows += len(block.rows) + len(block.broken)
        rejects.extend((broken.line, broken.reason) for broken in block.broken)
        for line, (customer, time, value) in zip(
            block.lines, _cells(block.rows, places), strict=True
        ):
            moment, amount = times[time], amounts[value]
            if reason := _reject_reason(customer, moment, amount):
                rejects.append((line, reason))
                continue
            customers.append(numbers.setdefault(customer.strip(), len(numbers)))
            order_times.append(to_micros(moment))
            order_values.append(amount)
    if not customers:
        reason = f" Line {rejects[0][0]}: {rejects[0][1]}" if rejects else ""
        raise Unreadable(f"{source.name!r} holds no orders.{reason}")
    log = Log(
        np.array(customers, np.int64),
        np.array(order_times, np.int64),
        np.array(order_values, np.float64),
    )
    return OrderFile(log, len(numbers), rows, rejects)


def _cells(rows: list[Any], places: list[int]) -> Iterator[tuple[str, str, str]]:
    customer, time, value = places
    return ((row[customer], row[time], row[value]) for row in rows)


def _reject_reason(customer: str, moment: Any, amount: Any) -> str:
    for cell in (moment, amount):
        if isinstance(cell, RefusedCell):
            return cell.reason
    if not customer.strip():
        return "The row names no customer."
    if moment is None:
        return "The row names no time."
    return "The row names no value." if amount is None else ""
