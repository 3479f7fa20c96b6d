"""Comparisons as JSON, to be kept and read again without counting."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from predictions.numerics.experiments.amounts import Takings
from predictions.numerics.experiments.proportions import Interval, Proportion
from profiles.models import List
from segments.campaigns.comparison import (
    LIMITS,
    Comparison,
    Contrast,
    Decision,
    Finding,
    LimitCheck,
    RateRow,
    RevenueRow,
)
from segments.campaigns.measures import GroupCounts, ReportMeasure


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return all that pages and programs say of a comparison; not what each person spent."""
    revenue = comparison.revenue
    return {
        "sample": _group_json(comparison.sample),
        "control": _group_json(comparison.control),
        "on_both": comparison.on_both,
        "rates": [
            {
                "measure": row.measure.value,
                "sample": _tally_json(row.sample),
                "control": _tally_json(row.control),
                "difference": _contrast_json(row.difference),
            }
            for row in comparison.rates
        ],
        "revenue": {
            "sample": _number_json(revenue.sample),
            "control": _number_json(revenue.control),
            "sample_total": _number_json(revenue.sample_total),
            "control_total": _number_json(revenue.control_total),
            "sample_interval": _interval_json(revenue.sample_interval),
            "control_interval": _interval_json(revenue.control_interval),
            "difference": _contrast_json(revenue.difference),
        },
        "limits": [
            {
                "measure": check.limit.measure.value,
                "tally": _tally_json(check.tally),
                "is_early": check.is_early,
            }
            for check in comparison.limits
        ],
        "goal": comparison.goal,
        "verdict": comparison.verdict.value,
    }


def comparison_of(content: Mapping[str, Any]) -> Comparison:
    """Read a comparison. Its lists are only key and name, as they were when it was counted."""
    revenue = content["revenue"]
    limits = {limit.measure.value: limit for limit in LIMITS}
    return Comparison(
        _group_of(content["sample"]),
        _group_of(content["control"]),
        content["on_both"],
        tuple(
            RateRow(
                ReportMeasure(row["measure"]),
                Proportion(*row["sample"]),
                Proportion(*row["control"]),
                _contrast_of(row["difference"]),
            )
            for row in content["rates"]
        ),
        RevenueRow(
            _number_of(revenue["sample"]),
            _number_of(revenue["control"]),
            float(revenue["sample_total"]),
            float(revenue["control_total"]),
            Interval(*map(float, revenue["sample_interval"])),
            Interval(*map(float, revenue["control_interval"])),
            _contrast_of(revenue["difference"]),
        ),
        tuple(
            LimitCheck(limits[check["measure"]], Proportion(*check["tally"]), check["is_early"])
            for check in content["limits"]
            if check["measure"] in limits
        ),
        content["goal"],
        Decision(content["verdict"]),
    )


def _group_json(counts: GroupCounts) -> dict[str, Any]:
    return {"key": counts.group.key, "name": counts.group.name, "people": counts.people}


def _group_of(content: Mapping[str, Any]) -> GroupCounts:
    group = List(key=content["key"], name=content["name"])
    return GroupCounts(group, content["people"], {}, Takings(np.empty(0), content["people"]))


def _tally_json(tally: Proportion) -> list[int]:
    return [tally.count, tally.of]


def _contrast_json(contrast: Contrast) -> dict[str, Any]:
    return {
        "value": _number_json(contrast.value),
        "interval": _interval_json(contrast.interval),
        "valid": _interval_json(contrast.valid),
        "finding": contrast.finding.value,
    }


def _contrast_of(content: Mapping[str, Any]) -> Contrast:
    interval, valid = (
        None if content[name] is None else Interval(*map(float, content[name]))
        for name in ("interval", "valid")
    )
    return Contrast(_number_of(content["value"]), interval, valid, Finding(content["finding"]))


def _interval_json(interval: Interval | None) -> list[float | str | None] | None:
    return None if interval is None else [_number_json(end) for end in interval]


def _number_json(value: float | None) -> float | str | None:
    """A number; one that JSON has no word for as text, which `float` reads."""
    if value is None:
        return None
    return float(value) if isfinite(value) else str(float(value))


def _number_of(value: float | str | None) -> float | None:
    return None if value is None else float(value)
