"""The conditions that a portrait tries: what many members of a segment might have in common.

Values are those that enough members have; thresholds of numbers are quartiles of everyone. Each
candidate is a condition as JSON, so that it is counted by the one evaluator and can be built upon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from predictions.numerics.estimators.rfm import GROUPS
from predictions.numerics.gender import Gender
from profiles.columns.column import Bools, Column, Floats, ValueKind
from profiles.columns.people import People
from profiles.columns.population import Population
from segments.definition.consent_grammar import allowed_subscriptions
from segments.definition.paths import parse_path, write_path
from segments.engine.reachable import MARKETING_CHANNELS
from segments.engine.small_groups import LEAST_PEOPLE
from segments.engine.vocabulary import Catalog

Json = dict[str, Any]
Parts = Sequence[tuple[Population, Bools]]
"""Populations that hold the members of a segment once, and who is one, bool[]."""

MOST_VALUES = 12
"""Of a property, the most common among the members."""
MOST_METRICS = 60
MOST_PROPERTIES = 60
FEW_NUMBERS = 12
"""A property of so many different numbers is a choice, one of more is a quantity."""
QUANTILES = (0.25, 0.5, 0.75, 0.9)
TIMES = (1, 3, 10)
DAYS = (30, 90)
PLACES = ("country", "region", "city")
STANDARD = ("locale", "organization", "title")
"""Fields of every profile that can have few values. Names and addresses say who somebody is."""
AMOUNTS = (
    *("historic_number_of_orders", "historic_clv", "average_order_value"),
    "average_days_between_orders",
)
PREDICTIONS = (
    *("predicted_clv", "predicted_number_of_orders"),
    *("churn_probability", "order_probability"),
)
WORDS = {"predicted_gender": tuple(Gender), "rfm_group": tuple(each.value for each in GROUPS)}


class Topic(StrEnum):
    PLACE = "place"
    PROPERTY = "property"
    METRIC = "metric"
    VALUE = "value"
    CONSENT = "consent"
    PREDICTION = "prediction"


@dataclass(frozen=True)
class Candidate:
    """A condition that may be more common in a segment."""

    topic: Topic
    condition: Json


def candidates(catalog: Catalog, people: People, parts: Parts) -> Iterator[Candidate]:
    """Yield what to try for the members in `parts`."""
    for name in PLACES:
        yield from _of_property(f"location['{name}']", Topic.PLACE, parts)
    for name in STANDARD:
        yield from _of_property(name, Topic.PROPERTY, parts)
    for name in list(catalog.own_properties)[:MOST_PROPERTIES]:
        yield from _of_property(write_path(name), Topic.PROPERTY, parts)
    for key in list(catalog.metrics)[:MOST_METRICS]:
        yield from _of_metric(key)
    for channel in MARKETING_CHANNELS:
        yield from _of_channel(channel)
    yield from _of_predictions(catalog, people)


# --- places and properties -----------------------------------------------------------------------


def _of_property(path: str, topic: Topic, parts: Parts) -> Iterator[Candidate]:
    parsed = parse_path(path)
    assert parsed is not None
    counts: Counter[tuple[str, Any]] = Counter()
    numbers = []
    for population, inside in parts:
        column = parsed.column(population)
        _count_values(column, inside, counts)
        if (column.values.kinds == ValueKind.NUMBER).any():
            numbers.append(column.number_per_row())
    common = [each for each, n in counts.most_common(MOST_VALUES) if n >= LEAST_PEOPLE]
    filters = [_FILTERS[kind](value) for kind, value in common]
    filters += _of_numbers(np.concatenate(numbers)) if numbers else []
    for filter_ in filters:
        yield Candidate(topic, {"type": "profile-property", "property": path, "filter": filter_})


def _count_values(column: Column, inside: Bools, counts: Counter[tuple[str, Any]]) -> None:
    """Count texts, truths and items of lists, of many different ones the most common."""
    values = column.values
    codes = column.codes[inside]
    by_code = np.bincount(codes[codes >= 0], minlength=len(values))
    present = np.flatnonzero(by_code)
    for code in present[np.argsort(-by_code[present], kind="stable")][:_MOST_COUNTED].tolist():
        kind, value, n = ValueKind(values.kinds[code]), values.at(code), int(by_code[code])
        if kind is ValueKind.LIST:
            for item in {each for each in value if isinstance(each, str)}:
                counts["item", item] += n
        elif kind in _KINDS:
            counts[_KINDS[kind], value] += n


def _of_numbers(numbers: Floats) -> list[Json]:
    """Filters of a property's numbers: each of a few, else from quartiles up."""
    different = np.unique(numbers[~np.isnan(numbers)]).tolist()
    if len(different) <= FEW_NUMBERS:
        return [_FILTERS["number"](_plain(value)) for value in different]
    return [_at_least(value) for value in _quantiles(numbers[~np.isnan(numbers)])]


def _plain(value: float) -> float:
    """The number as a person writes it: 3 and not 3.0."""
    return int(value) if float(value).is_integer() else float(value)


_MOST_COUNTED = 2_000
"""Values of a property that are looked at."""
_KINDS = {ValueKind.TEXT: "text", ValueKind.BOOLEAN: "truth"}


def _at_least(value: float) -> Json:
    return {"type": "numeric", "operator": "greater-than-or-equal", "value": value}


_FILTERS = {
    "text": lambda value: {"type": "string", "operator": "equals", "value": value},
    "number": lambda value: {"type": "numeric", "operator": "equals", "value": value},
    "truth": lambda value: {"type": "boolean", "operator": "equals", "value": value},
    "item": lambda value: {"type": "list", "operator": "contains", "value": value},
}


def _quantiles(numbers: Floats) -> list[float]:
    """Different thresholds, rounded to three digits."""
    if not len(numbers):
        return []
    values = np.quantile(numbers, QUANTILES, method="lower")
    return [_plain(each) for each in sorted({float(f"{value:.3g}") for value in values.tolist()})]


# --- what people did -----------------------------------------------------------------------------


def _of_metric(key: str) -> Iterator[Candidate]:
    always = {"type": "date", "operator": "alltime"}
    spans = [
        {"type": "date", "operator": "in-the-last", "quantity": days, "unit": "day"}
        for days in DAYS
    ]
    for timeframe, times in [*((always, n) for n in TIMES), *((span, 1) for span in spans)]:
        condition = {
            "type": "profile-metric",
            "metric_id": key,
            "measurement": "count",
            "measurement_filter": _at_least(times),
            "timeframe_filter": timeframe,
        }
        yield Candidate(Topic.METRIC, condition)


# --- consent and predictions ---------------------------------------------------------------------


def _of_channel(channel: str) -> Iterator[Candidate]:
    for can_receive in (True, False):
        for subscription in allowed_subscriptions(channel, can_receive):
            consent = {
                "channel": channel,
                "can_receive_marketing": can_receive,
                "consent_status": {"subscription": subscription},
            }
            condition = {"type": "profile-marketing-consent", "consent": consent}
            yield Candidate(Topic.CONSENT, condition)


def _of_predictions(catalog: Catalog, people: People) -> Iterator[Candidate]:
    for dimension in (*AMOUNTS, *PREDICTIONS):
        if dimension not in catalog.closed_predictions:
            topic = Topic.VALUE if dimension in AMOUNTS else Topic.PREDICTION
            for value in _quantiles(numbers_of(people, dimension)):
                yield Candidate(topic, _predicted(dimension, _at_least(value)))
    for dimension, words in WORDS.items():
        if dimension not in catalog.closed_predictions:
            for word in words:
                yield Candidate(
                    Topic.PREDICTION, _predicted(dimension, _FILTERS["text"](str(word)))
                )


def _predicted(dimension: str, filter_: Json) -> Json:
    return {
        "type": "profile-predictive-analytics",
        "dimension": dimension,
        "filter": filter_,
    }


def numbers_of(people: People, dimension: str, inside: Bools | None = None) -> Floats:
    """float64[k]: a prediction of everyone, or of those in bool[n], who has it."""
    values = np.full(len(people), np.nan)
    for population, counts in people.shares:
        column = population.prediction(dimension).number_per_row()
        rows = slice(None) if counts is None else counts
        values[np.searchsorted(people.ids, population.ids[rows])] = column[rows]
    values = values if inside is None else values[inside]
    return values[~np.isnan(values)]
