"""profile-predictive-analytics: what was computed about someone."""

from __future__ import annotations

from datetime import datetime

from .. import draw_filters, filters, pools
from ..dice import Dice
from ..world import Json, World
from .kind import Kind, Row


def meets(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Test a predicted field; a field that could not be computed is unset."""
    predictions = world.predictions[person] if world.predictions else {}
    dimension = condition["dimension"]
    if dimension == "channel_affinity":
        channel = (predictions.get(dimension) or {}).get(condition["predicted_channel"]) or {}
        value = channel.get(condition["measurement"])
    else:
        value = predictions.get(dimension)
    return filters.passes(value, condition["filter"], at, world.tz)


def draw(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-predictive-analytics condition on any dimension."""
    others = ["predicted_gender", "rfm_group", pools.NEXT_ORDER]
    dimension = dice.one([*pools.PREDICTED_NUMBERS, *others * 2, "channel_affinity"])
    condition: Json = {"type": "profile-predictive-analytics", "dimension": dimension}
    if dimension == "channel_affinity":
        condition["measurement"] = "rank"
        condition["predicted_channel"] = dice.one(["email", "push", "sms", "whatsapp"])
        condition["filter"] = draw_filters.equality(dice, ["high", "low", "medium"])
    elif dimension == "predicted_gender":
        condition["filter"] = draw_filters.equality(dice, pools.GENDERS)
    elif dimension == "rfm_group":
        condition["filter"] = draw_filters.equality(dice, pools.RFM_GROUPS)
    elif dimension == pools.NEXT_ORDER:
        condition["filter"] = draw_filters.date(dice, at, zone)
    else:
        choices = pools.CHANCES if dimension in pools.PROBABILITIES else pools.AMOUNTS
        condition["filter"] = draw_filters.number(dice, choices, ranges=False)
    return condition


def predicted(dimension: str, filter_: Json, **more: str) -> Json:
    return {
        "type": "profile-predictive-analytics",
        "dimension": dimension,
        "filter": filter_,
        **more,
    }


RISK = predicted("churn_probability", {"type": "numeric", "operator": "less-than", "value": 0.5})

KIND = Kind(
    "profile-predictive-analytics",
    meets=lambda condition, world, person, at, _: meets(condition, world, person, at),
    draw=lambda dice, at, zone, _: draw(dice, at, zone),
    facts=frozenset({"predictions"}),
    rows=[
        Row(RISK, True, world={"predictions": [{"churn_probability": 0.25}]}),
        Row(RISK, False, world={"predictions": [{"churn_probability": 0.5}]}),
        Row(RISK, False, world={"predictions": [{}]}),
    ],
)
