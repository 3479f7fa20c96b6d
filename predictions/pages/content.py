"""What the page of predictions shows: groups, cells of the grid, bands, movement, the forecast.

Each count leads to a new segment of those people: the builder's address with a definition.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
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


# --- segments of people who are shown ------------------------------------------------------------


def segment_address(name: str, *conditions: dict[str, Any]) -> str:
    """The builder with a definition: all of these conditions."""
    definition = {"condition_groups": [{"conditions": [one]} for one in conditions]}
    asked = {"name": name, "definition": json.dumps(definition)}
    return f"{reverse('segments:new')}?{urlencode(asked)}"


def _number(dimension: str, operator: str, value: float) -> dict[str, Any]:
    value = int(value) if float(value).is_integer() else value
    test = {"type": "numeric", "operator": operator, "value": value}
    return {"type": KIND, "dimension": dimension, "filter": test}


def _in_group(group: str) -> dict[str, Any]:
    test = {"type": "string", "operator": "equals", "value": group}
    return {"type": KIND, "dimension": "rfm_group", "filter": test}


def _scored(dimension: str, score: int, limits: list[float]) -> list[dict[str, Any]]:
    """The conditions of a score from 1 to 3, given the most that scores 1 and 2."""
    found = []
    if score > 1:
        found.append(_number(dimension, "greater-than", limits[score - 2]))
    if score < 3:
        found.append(_number(dimension, "less-than-or-equal", limits[score - 1]))
    return found


# --- groups and the grid -------------------------------------------------------------------------


@dataclass(frozen=True)
class Tile:
    """A group or band: how many are in it, how many were a month ago, and the way to them."""

    key: str
    name: str
    size: int
    share: float
    change: int | None
    href: str

    @property
    def moved(self) -> int:
        """The size of the change."""
        return abs(self.change or 0)


@dataclass(frozen=True)
class Cell:
    code: str
    size: int
    group: str
    name: str
    href: str
    told: str


@dataclass(frozen=True)
class GridRow:
    frequency: int
    monetary: int
    first: bool
    """Whether it is the first of its frequency."""
    cells: list[Cell]


def before(account: Account, day: Day) -> Day | None:
    """The figures of a month ago, or the oldest since."""
    days = Day.objects.filter(account=account, day__gte=day.day - timedelta(days=MOVED_DAYS))
    return days.filter(day__lt=day.day).order_by("day").first()


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
    # Codes of one group that differ by recency alone are told apart by who ordered lately.
    twins = [one for one in CODES[group] if one % 100 == code % 100]
    if len(twins) > 1 and "order_metric" in day.limits:
        conditions.append(_ordered_lately(day.limits["order_metric"], recency))
    name = str(GROUP_NAMES[group])
    told = gettext("Recency %(r)s, frequency %(f)s, monetary %(m)s: %(name)s") % {
        "r": recency,
        "f": frequency,
        "m": monetary,
        "name": name,
    }
    href = segment_address(f"RFM {code}", *conditions)
    return Cell(str(code), size, group.value, name, href, told)


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
    before: str
    now: str
    people: int


def moves(account: Account, day: Day) -> list[Move]:
    """Who went from which group to which in the last month, the largest first."""
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


def gate_rows(standing: PredictionState) -> list[dict[str, Any]]:
    """Each requirement with its value, the least that passes, and whether it does."""
    gate = standing.gate
    return [
        {"name": NEEDS[one.need], "value": one.value, "least": one.least, "passed": one.passed}
        for one in (gate.requirements if gate else ())
    ]


def forecast_rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a month, and one for all of them."""
    rows = []
    for i, month in enumerate(told["months"]):
        rows.append(
            {
                "name": date_format(date.fromisoformat(month), "F Y"),
                **{what: _amounts(told[what], i) for what in ("orders", "revenue") if told[what]},
            }
        )
    total = {
        what: {
            "expected": number(told[what]["total"]),
            "low": number(told[what]["total_low"]),
            "high": number(told[what]["total_high"]),
        }
        for what in ("orders", "revenue")
        if told[what]
    }
    return [*rows, {"name": gettext("12 months"), "is_total": True, **total}]


def _amounts(told: dict[str, Any], i: int) -> dict[str, str]:
    return {name: number(told[name][i]) for name in ("expected", "low", "high")}


def parameters(run: Run) -> list[tuple[str, str]]:
    """The names and values of a run's parameters, those that there are."""
    values = ((name, run.parameters.get(name)) for name in PARAMETERS)
    return [(name, number(value, 4)) for name, value in values if value is not None]
