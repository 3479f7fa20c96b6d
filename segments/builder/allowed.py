"""What the builder offers inside one condition, where that depends on what is already said there.

A table for each kind that needs one, under the kind's name; every other kind offers all that its
fields declare. Pointers are relative to the condition. Only what is offered: what is allowed is
checked by the definition itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as _

from profiles import places
from segmenter.kernel.registry import Registry
from segments.definition import consent_grammar as grammar
from segments.definition.conditions import predictive
from segments.definition.operators import (
    DATE7,
    NUMBERS,
    BooleanFilter,
    Existence,
    Filter,
    TextFilter,
    TextIn,
)

Operators = frozenset[tuple[str, str]]
"""(type, operator) pairs."""


@dataclass(frozen=True)
class Phrase:
    """Words that stand for several fields at once."""

    words: str
    says: Mapping[str, Any]
    """What a condition must say for the phrase to be the one that fits it."""
    sets: Mapping[str, Any]
    """The fields that choosing the phrase puts in place."""
    clears: tuple[str, ...] = ()
    """The fields that it takes away."""

    @property
    def is_whole(self) -> bool:
        """Whether it leaves nothing to be filled in."""
        return self.says == self.sets

    @property
    def json(self) -> str:
        return json.dumps({**self.sets, **dict.fromkeys(self.clears)})

    def holds(self, partial: Mapping[str, Any]) -> bool:
        """Whether a condition says what the phrase says."""
        return _says(partial, self.says)


def _says(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(value, Mapping) and all(
            _says(value.get(name), each) for name, each in wanted.items()
        )
    return type(value) is type(wanted) and bool(value == wanted)


@dataclass(frozen=True)
class Offer:
    """What a condition offers as it stands."""

    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Pointer of a choice to the words that fit."""
    operators: Mapping[str, Operators] = field(default_factory=dict)
    """Pointer of a filter to the operators that fit."""
    fills: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Pointer of a filter to the only thing it can say."""
    may_lack: frozenset[str] = frozenset()
    """Pointers of filters that may be left away."""
    without: frozenset[str] = frozenset()
    """Pointers of fields that do not belong here."""
    picks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Pointer of a text that is picked from suggestions to what is asked for and what is read."""
    stands_for: Mapping[str, str] = field(default_factory=dict)
    """Pointer of a field that people do not see to the one by which they say it."""
    predicted: frozenset[str] = frozenset()
    """Pointers of choices of predictions, some of which an account may not have."""
    percents: frozenset[str] = frozenset()
    """Pointers of filters of shares: a definition says 0.75 where people say 75 %."""
    bands: Mapping[str, str] = field(default_factory=dict)
    """Pointer of a number filter to the suggestions by which the whole filter can be chosen."""
    phrases: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    """Name of a choice of phrases, which the kind's template places, to the phrases."""


offers: Registry[Callable[[Mapping[str, Any]], Offer]] = Registry("offer")
"""Kind to what it offers, given the condition as far as it goes."""

starts: Registry[Mapping[str, Any]] = Registry("start")
"""Kind to what a new condition of it says, where that is more than the declarations tell."""


def offer_of(partial: Mapping[str, Any]) -> Offer:
    """What a condition offers, given as far as it goes."""
    kind = partial.get("type")
    return offers[kind](partial) if isinstance(kind, str) and kind in offers else Offer()


def operators_of(classes: Iterable[type[Filter]]) -> Operators:
    """Every operator of some filter classes."""
    return frozenset((cls.type, name) for cls in classes for name in cls.labels)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(value: Any) -> list[Mapping[str, Any]]:
    return [_object(item) for item in value] if isinstance(value, list) else []


# --- what someone has done -----------------------------------------------------------------------

_NUMERIC = "numeric"
_MEASURED = ("measurement_property",)


def _count(operator: str, **values: float) -> dict[str, Any]:
    return {
        "measurement": "count",
        "measurement_filter": {"type": _NUMERIC, "operator": operator, **values},
    }


def _exact(words: str, operator: str, value: int) -> Phrase:
    said = _count(operator, value=value)
    return Phrase(words, said, said, _MEASURED)


def _times(words: str, operator: str, **values: int) -> Phrase:
    return Phrase(words, _count(operator), _count(operator, **values), _MEASURED)


def _measure(words: str, measurement: str) -> Phrase:
    more = {"type": _NUMERIC, "operator": "greater-than-or-equal"}
    sets = {"measurement": measurement, "measurement_filter": more}
    return Phrase(words, {"measurement": measurement}, sets)


HAS_NOT = _exact(_("has not done"), "equals", 0)
HAS = Phrase(_("has done"), {}, _count("greater-than-or-equal", value=1), _MEASURED)
TIMES = (
    _exact(_("at least once"), "greater-than-or-equal", 1),
    _exact(_("zero times"), "equals", 0),
    _times(_("at least"), "greater-than-or-equal", value=2),
    _times(_("exactly"), "equals", value=1),
    _times(_("at most"), "less-than-or-equal", value=2),
    _times(_("more than"), "greater-than", value=2),
    _times(_("fewer than"), "less-than", value=2),
    _times(_("not exactly"), "not-equals", value=1),
    _times(_("between"), "between", start=2, end=5),
    _measure(_("with the sum of"), "sum"),
    _measure(_("with the average of"), "average"),
    _measure(_("with the smallest"), "minimum"),
    _measure(_("with the largest"), "maximum"),
    _measure(_("with the number of different"), "distinct"),
)


@offers.register("profile-metric")
def _metric(partial: Mapping[str, Any]) -> Offer:
    return Offer(phrases={"has": (HAS, HAS_NOT), "times": TIMES})


_ALL_TIME = {"timeframe_filter": {"type": "date", "operator": "alltime"}}
starts.add("profile-metric", {**TIMES[0].sets, **_ALL_TIME})
starts.add("profile-sample", {"percentage": 10})
_NEAR = {"filter": {"type": _NUMERIC, "operator": "less-than", "value": 50}}
starts.add("profile-location-distance", _NEAR)
starts.add("profile-postal-code-distance", _NEAR)
starts.add(
    "profile-metric-ratio",
    {"filter": {"type": _NUMERIC, "operator": "greater-than-or-equal", "value": 0.5}},
)
starts.add(
    "profile-metric-funnel",
    {
        "completion_window_seconds": "DAYS_30",
        "steps": [{"metric_exists": True}, {"metric_exists": True}],
    },
)


@offers.register("profile-metric-ratio")
def _ratio(partial: Mapping[str, Any]) -> Offer:
    return Offer(percents=frozenset({"/filter"}))


# --- lists and segments --------------------------------------------------------------------------


@offers.register("profile-group-membership")
def _group(partial: Mapping[str, Any]) -> Offer:
    outside = partial.get("is_member") is False
    return Offer(without=frozenset({"/timeframe_filter"} if outside else ()))


# --- places --------------------------------------------------------------------------------------


@offers.register("profile-postal-code-distance")
def _postal_code(partial: Mapping[str, Any]) -> Offer:
    code = partial.get("country_code")
    code = code if isinstance(code, str) else ""
    name = places.country_name(places.country_code(code)) or code
    return Offer(picks={"/country_code": ("country", name)})


@offers.register("profile-location-distance")
def _location(partial: Mapping[str, Any]) -> Offer:
    label, point = partial.get("label"), (partial.get("latitude"), partial.get("longitude"))
    words = str(label or "")
    if not words and None not in point:
        words = f"{point[0]}, {point[1]}"
    return Offer(
        picks={"/label": ("place", words)},
        stands_for={"/latitude": "/label", "/longitude": "/label"},
    )


# --- consent and permissions ---------------------------------------------------------------------

_IS_SET: Operators = frozenset({("existence", "is-set")})
_TEXT_IS: Operators = frozenset({("string", "equals")})
_TEXT_IN: Operators = frozenset({("string", "in")})
_DATES = operators_of(DATE7)
_CONSENT_FIELDS: dict[str, Operators] = {
    "status_date": _DATES,
    "custom_source": _TEXT_IS,
    "is_double_opt_in": operators_of([BooleanFilter]),
    "is_rcs_capable": operators_of([BooleanFilter]),
    **dict.fromkeys(grammar.SUPPRESSIONS, _DATES | _IS_SET),
}
_INNER: dict[str, Operators] = {"equals": _TEXT_IS, "in": _TEXT_IN}


@offers.register("profile-marketing-consent")
def _consent(partial: Mapping[str, Any]) -> Offer:
    consent = _object(partial.get("consent"))
    status = _object(consent.get("consent_status"))
    channel, may = str(consent.get("channel")), consent.get("can_receive_marketing") is True
    case = (channel, may, str(status.get("subscription")))
    asked = grammar.allowed_fields(*case)
    methods = grammar.allowed_methods(*case)
    at = "/consent/consent_status"
    choices = {f"{at}/subscription": tuple(grammar.allowed_subscriptions(channel, may))}
    operators: dict[str, Operators] = {}
    fills: dict[str, Mapping[str, Any]] = {}
    may_lack: set[str] = set()
    without: set[str] = set() if asked else {f"{at}/filters"}
    for i, each in enumerate(_items(status.get("filters"))):
        here, about = f"{at}/filters/{i}", each.get("field")
        choices[f"{here}/field"] = tuple(asked)
        choices[f"{here}/method"] = tuple(methods)
        if about != "method":
            without.add(f"{here}/method")
            operators[f"{here}/filter"] = _CONSENT_FIELDS.get(str(about), frozenset())
            continue
        shape, needed = methods.get(str(each.get("method")), ("none", False))
        shape, _sign, only = shape.partition(":")
        operators[f"{here}/filter"] = _INNER.get(shape, frozenset())
        if only:
            fills[f"{here}/filter"] = {"type": "string", "operator": "in", "value": [only]}
        if not needed:
            may_lack.add(f"{here}/filter")
    without |= {pointer for pointer, fitting in operators.items() if not fitting}
    return Offer(choices, operators, fills, frozenset(may_lack), frozenset(without))


@offers.register("profile-permissions")
def _permissions(partial: Mapping[str, Any]) -> Offer:
    permission = _object(partial.get("permission"))
    explicit = str(permission.get("reachable_status")).startswith("explicitly_")
    operators: dict[str, Operators] = {}
    may_lack: set[str] = set()
    without: set[str] = set() if explicit else {"/permission/filters"}
    for i, each in enumerate(_items(permission.get("filters"))):
        here = f"/permission/filters/{i}"
        if each.get("field") != "subscribe_method":
            without.add(f"{here}/method")
            operators[f"{here}/filter"] = _DATES
        elif each.get("method") == "form":
            operators[f"{here}/filter"] = _TEXT_IN
            may_lack.add(f"{here}/filter")
        else:
            without.add(f"{here}/filter")
    return Offer(operators=operators, may_lack=frozenset(may_lack), without=frozenset(without))


# --- predictions ---------------------------------------------------------------------------------


@offers.register("profile-predictive-analytics")
def _predictive(partial: Mapping[str, Any]) -> Offer:
    dimension = str(partial.get("dimension"))
    affine = dimension == predictive.AFFINITY[0]
    if dimension in dict(predictive.NUMERIC) or partial.get("measurement") == "priority":
        fitting = operators_of(NUMBERS)
    elif dimension in dict(predictive.DATES):
        fitting = operators_of(DATE7)
    else:
        fitting = operators_of([TextFilter, TextIn])
    without = frozenset() if affine else frozenset({"/measurement", "/predicted_channel"})
    is_share = dimension in predictive.SHARES
    return Offer(
        operators={"/filter": fitting | operators_of([Existence])},
        percents=frozenset({"/filter"} if is_share else ()),
        bands={"/filter": "risk"} if dimension == predictive.CHURN else {},
        without=without,
        predicted=frozenset({"/dimension"}),
    )
