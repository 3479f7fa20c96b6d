"""What the machine chooses for a life: numbers, windows, keys, and when a worker is killed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from segments.engine.evaluate import Evaluation
from tests.builders.definitions import ALL_TIME, never, once, when
from tests.oracle import pools
from tests.oracle.dice import Dice
from tests.oracle.focus import Focus


class Thrown(Dice):
    """Choices derived from a seed, so that a failure prints one line a step."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.focus = Focus()

    def up_to(self, most: int) -> int:
        return self.random.randint(0, most)


class Stopped(BaseException):
    """Raised in a build whose worker is killed."""


def window(dice: Dice, segments: Sequence[str]) -> Any:
    """A plain condition that time alone decides, sooner or later."""
    unit = dice.one(["day", "hour", "week", "month"])
    quantity = dice.one([1, 2, 3, 7] if unit in ("day", "hour") else [1, 2])
    recent = when(dice.one(["in-the-last", "in-the-last", "at-least"]), quantity, unit=unit)
    if segments and dice.chance(2):
        return {
            "type": "profile-group-membership",
            "is_member": True,
            "group_ids": [dice.one(segments)],
            "timeframe_filter": recent,
        }
    condition = dice.one([once, never])("", dice.one([recent, recent, ALL_TIME]))
    return {name: value for name, value in condition.items() if name != "metric"} | {
        "metric_id": dice.one(pools.METRICS)
    }


def with_keys(value: Any, keys: dict[str, str]) -> Any:
    """A definition with keys for the names of metrics and groups."""
    if isinstance(value, list):
        return [with_keys(item, keys) for item in value]
    if not isinstance(value, dict):
        return value
    document = {name: with_keys(item, keys) for name, item in value.items()}
    if "metric_id" in document:
        document["metric_id"] = keys[document["metric_id"]]
    if "group_ids" in document:
        document["group_ids"] = [keys.get(group, group) for group in document["group_ids"]]
    return document


class stopping_after:
    """Kill the evaluation after a number of answers about nodes of a tree."""

    def __init__(self, answers: int) -> None:
        self.left = answers

    def __enter__(self) -> None:
        self.patch = pytest.MonkeyPatch()
        answer: Callable[[Evaluation, Any], Any] = Evaluation.mask

        def mask(evaluation: Evaluation, node: Any) -> Any:
            if not self.left:
                raise Stopped
            self.left -= 1
            return answer(evaluation, node)

        self.patch.setattr(Evaluation, "mask", mask)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        self.patch.undo()
        return kind is Stopped
