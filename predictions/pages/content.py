"""The content of the page of predictions: groups, grid, bands, movement, forecast.

Each count links to a new segment of those people: the builder's URL with a definition.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext

from predictions.models import Choices, Day, Prediction, Run
from predictions.numerics.bands import Risk
from predictions.numerics.estimators.rfm import CODES, GROUPS, Group
from predictions.pages.wording import GROUP_NAMES, NEEDS, number, risk_name
from predictions.storage.queries import PredictionState
from segmenter.accounts.models import Account

MOVED_DAYS = 30
PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "v")
KIND = "profile-predictive-analytics"


# --- links to segments ---------------------------------------------------------------------------


def segment_address(name: str, *conditions: dict[str, Any]) -> str:
    """The builder's URL with a definition: all of these conditions."""
    definition = {"condition_groups": [{"conditions": [condition]} for condition in conditions]}
    parameters = {"name": name, "definition": json.dumps(definition)}
    return f"{reverse('segments:new')}?{urlencode(parameters)}"


def _number(dimension: str, operator: str, value: float) -> dict[str, Any]:
    value = int(value) if float(value).is_integer() else value
    test = {"type": "numeric", "operator": operator, "value": value}
    return {"type": KIND, "dimension": dimension, "filter": test}


def _in_group(group: str) -> dict[str, Any]:
    test = {"type": "string", "operator": "equals", "value": group}
    return {"type": KIND, "dimension": "rfm_group", "filter": test}


def _scored(dimension: str, score: int, limits: list[float]) -> list[dict[str, Any]]:
    """The conditions of a score from 1 to 3, from the upper limits of 1 and 2."""
    conditions = []
    if score > 1:
        conditions.append(_number(dimension, "greater-than", limits[score - 2]))
    if score < 3:
        conditions.append(_number(dimension, "less-than-or-equal", limits[score - 1]))
    return conditions


# --- groups and the grid -------------------------------------------------------------------------


@dataclass(frozen=True)
class Tile:
    """A group or band: its size, the change within a month, and a link."""

    key: str
    name: str
    size: int
    share: float
    """Of all, 0 to 1."""
    change: int | None
    href: str

    @property
    def percent(self) -> float:
        """The share in percent, with one decimal."""
        return round(100 * self.share, 1)

    @property
    def change_size(self) -> int:
        """The size of the change."""
        return abs(self.change or 0)


@dataclass(frozen=True)
class Cell:
    code: str
    size: int
    group: str
    name: str
    href: str
    label: str


@dataclass(frozen=True)
class GridRow:
    frequency: int
    monetary: int
    first: bool
    """Whether it is the first of its frequency."""
    cells: list[Cell]


def month_ago(account: Account, day: Day) -> Day | None:
    """The figures of a month ago, or the oldest ones since."""
    days = Day.objects.filter(account=account, day__gte=day.day - timedelta(days=MOVED_DAYS))
    return days.filter(day__lt=day.day).order_by("day").first()


def divided(tiles: Sequence[Tile]) -> list[tuple[Tile, float, float]]:
    """Each tile with the start and the width of its part of a bar of 100."""
    ends = list(accumulate(100 * tile.share for tile in tiles))
    starts = [0.0, *ends][:-1]
    return [
        (tile, start, end - start) for tile, start, end in zip(tiles, starts, ends, strict=True)
    ]


def group_tiles(day: Day, earlier: Day | None) -> list[Tile]:
    total = sum(day.groups.values()) or 1
    names = {group.value: str(GROUP_NAMES[group]) for group in GROUPS}
    return [
        Tile(
            key,
            name,
            day.groups[key],
            day.groups[key] / total,
            _change(day.groups, earlier.groups if earlier else {}, key),
            segment_address(name, _in_group(key)),
        )
        for key, name in names.items()
        if key in day.groups
    ]


def risk_tiles(day: Day, earlier: Day | None, choices: Choices) -> list[Tile]:
    total = sum(day.churn.values()) or 1
    low, high = choices.medium_from, choices.high_from
    churn = "churn_probability"
    conditions = {
        Risk.LOW: [_number(churn, "less-than", low)],
        Risk.MEDIUM: [
            _number(churn, "greater-than-or-equal", low),
            _number(churn, "less-than", high),
        ],
        Risk.HIGH: [_number(churn, "greater-than-or-equal", high)],
    }
    return [
        Tile(
            risk.value,
            risk_name(risk),
            day.churn[risk.value],
            day.churn[risk.value] / total,
            _change(day.churn, earlier.churn if earlier else {}, risk.value),
            segment_address(
                gettext("Churn risk: %(risk)s") % {"risk": risk_name(risk).lower()},
                *conditions[risk],
            ),
        )
        for risk in Risk
        if risk.value in day.churn
    ]


def _change(now: dict[str, int], earlier: dict[str, int], key: str) -> int | None:
    return now[key] - earlier[key] if key in earlier else None


def grid_rows(day: Day) -> list[GridRow]:
    """Nine rows by frequency and monetary value, three columns by recency; the best first."""
    if not day.limits.get("orders") or not day.limits.get("spend"):
        return []
    group_of = {code: group for group, codes in CODES.items() for code in codes}
    rows = []
    for frequency in (3, 2, 1):
        for monetary in (3, 2, 1):
            codes = [100 * recency + 10 * frequency + monetary for recency in (3, 2, 1)]
            cells = [_cell(day, code, group_of[code]) for code in codes]
            rows.append(GridRow(frequency, monetary, monetary == 3, cells))
    return rows


def _cell(day: Day, code: int, group: Group) -> Cell:
    size = day.cells.get(str(code), 0)
    recency, frequency, monetary = (int(digit) for digit in str(code))
    conditions = [
        _in_group(group.value),
        *_scored("historic_number_of_orders", frequency, day.limits["orders"]),
        *_scored("historic_clv", monetary, day.limits["spend"]),
    ]
    # Codes of a group that differ in recency only are distinguished by recent orders.
    twins = [other for other in CODES[group] if other % 100 == code % 100]
    if len(twins) > 1 and "order_metric" in day.limits:
        conditions.append(_ordered_lately(day.limits["order_metric"], recency))
    name = str(GROUP_NAMES[group])
    label = gettext("Recency %(r)s, frequency %(f)s, monetary %(m)s: %(name)s") % {
        "r": recency,
        "f": frequency,
        "m": monetary,
        "name": name,
    }
    href = segment_address(f"RFM {code}", *conditions)
    return Cell(str(code), size, group.value, name, href, label)


def _ordered_lately(metric: str, recency: int) -> dict[str, Any]:
    operator, value = ("greater-than-or-equal", 1) if recency > 1 else ("equals", 0)
    return {
        "type": "profile-metric",
        "metric_id": metric,
        "measurement": "count",
        "measurement_filter": {"type": "numeric", "operator": operator, "value": value},
        "timeframe_filter": {
            "type": "date",
            "operator": "in-the-last",
            "quantity": 365,
            "unit": "day",
        },
    }


@dataclass(frozen=True)
class Move:
    month_ago: str
    now: str
    people: int


def moves(account: Account, day: Day) -> list[Move]:
    """Moves from one group to another in the last month, the largest first."""
    since = day.day - timedelta(days=MOVED_DAYS)
    rows = (
        Prediction.objects.filter(account=account, rfm_changed__gt=since)
        .exclude(previous_rfm_group=None)
        .exclude(rfm_group=None)
        .values_list("previous_rfm_group", "rfm_group")
        .annotate(people=Count("profile_id"))
        .order_by("-people")
    )
    return [
        Move(str(GROUP_NAMES[Group(old)]), str(GROUP_NAMES[Group(new)]), people)
        for old, new, people in rows
    ]


# --- gate, forecast, model -----------------------------------------------------------------------


def gate_rows(state: PredictionState) -> list[dict[str, Any]]:
    """Each requirement with its value, the least value that passes, and whether it does."""
    gate = state.gate
    return [
        {
            "name": NEEDS[requirement.need],
            "value": requirement.value,
            "least": requirement.least,
            "passed": requirement.passed,
        }
        for requirement in (gate.requirements if gate else ())
    ]


def forecast_rows(forecast: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each month, and one for the total."""
    rows = []
    for i, month in enumerate(forecast["months"]):
        rows.append(
            {
                "name": date_format(date.fromisoformat(month), "F Y"),
                **{
                    kind: _amounts(forecast[kind], i)
                    for kind in ("orders", "revenue")
                    if forecast[kind]
                },
            }
        )
    total = {
        kind: {
            "expected": number(forecast[kind]["total"]),
            "low": number(forecast[kind]["total_low"]),
            "high": number(forecast[kind]["total_high"]),
        }
        for kind in ("orders", "revenue")
        if forecast[kind]
    }
    return [*rows, {"name": gettext("12 months"), "is_total": True, **total}]


def _amounts(amounts: dict[str, Any], i: int) -> dict[str, str]:
    return {name: number(amounts[name][i]) for name in ("expected", "low", "high")}


def parameters(run: Run) -> list[tuple[str, str]]:
    """The names and values of a run's parameters that are known."""
    values = ((name, run.parameters.get(name)) for name in PARAMETERS)
    return [(name, number(value, 4)) for name, value in values if value is not None]
