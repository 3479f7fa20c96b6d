"""Ten segments of the large shop, from one condition to a nested twelve.

`peers/queries.py` has each of them in SQL, under the same name.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from bench.definitions import ALL_TIME, all_of, did, has

Json = dict[str, Any]

_AT_LEAST, _MORE, _LESS = "greater-than-or-equal", "greater-than", "less-than"
EMAIL_PATTERN = r"^[a-m][a-z]+\.(smith|nowak|larsson|becker)[0-9]*[02468]@(example\.com|.*\.se)$"
STOCKHOLM, COPENHAGEN = (59.33, 18.07), (55.68, 12.57)


def _near(place: tuple[float, float], label: str, kilometers: float) -> Json:
    return {
        "type": "profile-location-distance",
        "latitude": place[0],
        "longitude": place[1],
        "label": label,
        "unit": "kilometers",
        "filter": {"type": "numeric", "operator": _LESS, "value": kilometers},
    }


def _where(name: str, type_: str, operator: str, value: Any) -> Json:
    return {"property": name, "filter": {"type": type_, "operator": operator, "value": value}}


def _last(days: int) -> Json:
    return {"type": "date", "operator": "in-the-last", "unit": "day", "quantity": days}


def _step(metric: str, *, done: bool = True, **more: Any) -> Json:
    return {"metric_exists": done, "metric": metric, **more}


def _in_list(name: str, *, is_member: bool = True) -> Json:
    return {"type": "profile-group-membership", "is_member": is_member, "groups": [name]}


_CAN_RECEIVE = {
    "type": "profile-marketing-consent",
    "consent": {
        "channel": "email",
        "can_receive_marketing": True,
        "consent_status": {"subscription": "any"},
    },
}
_BOUGHT_OUTERWEAR = {
    "type": "profile-metric-funnel",
    "timeframe_filter": _last(365),
    "completion_window_seconds": "DAYS_1",
    "steps": [
        _step(
            "Viewed Product", metric_filters=[_where("Category", "string", "equals", "Outerwear")]
        ),
        _step("Added to Cart"),
        _step("Placed Order"),
    ],
}
_ABANDONED = {
    "type": "profile-metric-funnel",
    "timeframe_filter": ALL_TIME,
    "completion_window_seconds": "DAYS_3",
    "steps": [_step("Started Checkout"), _step("Placed Order", done=False)],
}
_OPENS_HALF = {
    "type": "profile-metric-ratio",
    "numerator": {"metric": "Opened Email"},
    "denominator": {"metric": "Received Email"},
    "distinct_by": "Campaign",
    "timeframe_filter": _last(180),
    "filter": {"type": "numeric", "operator": _AT_LEAST, "value": 0.5},
}
_SPENT = {"measurement": "sum"}
_LINEN = [_where("Item", "string", "contains", "linen")]
_LONG_LOOKS = [_where("Price", "numeric", _MORE, 80), _where("Seconds", "numeric", _AT_LEAST, 60)]
_ITEMS = {"measurement": "distinct", "measurement_property": "Item"}
_COUNTRY = "location['country']"

SEGMENTS: dict[str, Json] = {
    "one condition": all_of([did("Placed Order", _AT_LEAST, 1, 180)]),
    "text of an event": all_of([did("Viewed Product", _AT_LEAST, 2, 365, metric_filters=_LINEN)]),
    "numbers of an event": all_of(
        [did("Viewed Product", _AT_LEAST, 3, None, metric_filters=_LONG_LOOKS)]
    ),
    "sum and zero times": all_of(
        [did("Placed Order", _AT_LEAST, 300, 365, **_SPENT)],
        [did("Opened Email", "equals", 0, 90)],
    ),
    "distinct items": all_of(
        [did("Viewed Product", _AT_LEAST, 20, 730, **_ITEMS)],
        [has(_COUNTRY, "in", ["Sweden", "Norway"])],
    ),
    "ratio": all_of([_OPENS_HALF]),
    "funnel of three steps": all_of([_BOUGHT_OUTERWEAR]),
    "distance and consent": all_of([_near(STOCKHOLM, "Stockholm", 100)], [_CAN_RECEIVE]),
    "regular expression and lists": all_of(
        [has("email", "regex", EMAIL_PATTERN)],
        [_in_list("Newsletter")],
        [{"not": _in_list("VIP")}],
    ),
    "twelve conditions, nested": all_of(
        [
            did("Placed Order", _AT_LEAST, 1, 365),
            did("Placed Order", _AT_LEAST, 500, None, **_SPENT),
        ],
        [
            all_of(
                [did("Opened Email", _AT_LEAST, 3, 90), did("Clicked Email", _AT_LEAST, 1, 90)],
                [{"not": did("Received Email", _LESS, 1, 365)}],
            ),
            all_of(
                [did("Viewed Product", _AT_LEAST, 5, 60)],
                [
                    _near(COPENHAGEN, "Copenhagen", 300),
                    has("properties['Favourite colour']", "in", ["Red", "Blue"]),
                ],
            ),
        ],
        [
            _CAN_RECEIVE,
            has(_COUNTRY, "equals", "Sweden"),
            {"not": all_of([did("Started Checkout", _AT_LEAST, 1, 365)], [_ABANDONED])},
        ],
    ),
}
"""Name to definition, with names where keys belong (see segments.engine.queries.resolve_names)."""


class Read(NamedTuple):
    """Columns that a condition has to read: of a metric's events in the last days, or of people.

    `bytes_each` is how wide they are when packed: 4 for whose an event is, 8 for when, 8 for a
    number, 2 for a number into a dictionary, 1 for a few states.
    """

    metric: str | None
    days: int | None
    bytes_each: int


_PEOPLE = Read(None, None, 1)
_PLACE = Read(None, None, 16)
READS: dict[str, list[Read]] = {
    "one condition": [Read("Placed Order", 180, 4)],
    "text of an event": [Read("Viewed Product", 365, 6)],
    "numbers of an event": [Read("Viewed Product", None, 8)],
    "sum and zero times": [Read("Placed Order", 365, 12), Read("Opened Email", 90, 4)],
    "distinct items": [Read("Viewed Product", 730, 6), _PEOPLE],
    "ratio": [Read("Received Email", 180, 6), Read("Opened Email", 180, 6)],
    "funnel of three steps": [
        Read("Viewed Product", 365, 13),
        Read("Added to Cart", 365, 12),
        Read("Placed Order", 365, 12),
    ],
    "distance and consent": [_PLACE, Read(None, None, 3)],
    "regular expression and lists": [Read(None, None, 32), Read(None, None, 2)],
    "twelve conditions, nested": [
        Read("Placed Order", None, 12),
        Read("Opened Email", 90, 4),
        Read("Clicked Email", 90, 4),
        Read("Received Email", 365, 4),
        Read("Viewed Product", 60, 4),
        Read("Started Checkout", None, 12),
        _PLACE,
        Read(None, None, 5),
    ],
}
"""What each segment has to read at least, by its name."""
