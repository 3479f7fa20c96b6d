"""The ten segments in SQL, a template each; a dialect fills in what differs between databases.

Tables, the same everywhere: `event` (profile_id, metric, time, value, item, category, price,
seconds, campaign) in the order of time within each metric, `event_by_person` with the same rows
ordered by person, `people` (id, email, email_status, country, favourite_colour, latitude,
longitude), `suppression` (profile_id), `list_member` (list, profile_id). Each query reads the
order of events that is quicker for it. Times are whole microseconds since 1970, UTC.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bench.large_shop.draw import DAY
from bench.ten_segments import COPENHAGEN, EMAIL_PATTERN, STOCKHOLM

EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True)
class Bounds:
    """Moments in microseconds, as the segments mean them in an account's zone."""

    at: datetime
    zone: ZoneInfo

    @property
    def now(self) -> int:
        return int(self.at.timestamp()) * 1_000_000

    def since(self, days: int) -> int:
        """The start of the calendar day `days` days ago."""
        day = self.at.astimezone(self.zone).date() - timedelta(days=days)
        return int(datetime.combine(day, time(), self.zone).timestamp()) * 1_000_000


@dataclass(frozen=True)
class Dialect:
    """Expressions that differ between databases."""

    regex: str
    """Whether `email` matches {pattern}."""
    linen: str
    """Whether an event's item contains "linen"."""
    funnel: str
    """Who looked at outerwear, put something into the cart and ordered, all within a day."""
    abandoned: str
    """Who ordered nothing in the three days after a checkout."""
    by_person: str = "event_by_person"
    """The table to read where all events of a person are needed together."""
    escape: str = "\\"
    """A backslash inside a text."""
    own: Mapping[str, str] = field(default_factory=dict)
    """Whole templates for which there is something better here."""


def who(metric: str, where: str, having: str = "") -> str:
    """The people with events of a metric; `where` may name bounds such as {d180} and {now}."""
    ending = f" HAVING {having}" if having else ""
    return (
        f"SELECT profile_id FROM event WHERE metric = '{metric}' AND {where} AND time <= {{now}}"
        f" GROUP BY profile_id{ending}"
    )


def count(query: str) -> str:
    return f"SELECT count(*) FROM ({query}) AS found"


SPENT = "sum(value) >= {} - 0.00005"
"""Sums of money are compared after rounding to 4 decimals; here that costs nothing."""
NORDIC = "SELECT id FROM people WHERE country IN ('Sweden', 'Norway')"
MAILS = (
    "FROM {by_person} WHERE metric IN ('Received Email', 'Opened Email')"
    " AND time >= {d180} AND time <= {now}"
)
TEMPLATES: dict[str, str] = {
    "one condition": "SELECT count(DISTINCT profile_id) FROM event"
    " WHERE metric = 'Placed Order' AND time >= {d180} AND time <= {now}",
    "text of an event": count(who("Viewed Product", "time >= {d365} AND {linen}", "count(*) >= 2")),
    "numbers of an event": count(
        who("Viewed Product", "price > 80 AND seconds >= 60", "count(*) >= 3")
    ),
    "sum and zero times": count(who("Placed Order", "time >= {d365}", SPENT.format(300)))
    + f" WHERE profile_id NOT IN ({who('Opened Email', 'time >= {d90}')})",
    "distinct items": count(
        "SELECT profile_id FROM (SELECT DISTINCT profile_id, item FROM {by_person}"
        " WHERE metric = 'Viewed Product' AND time >= {d730} AND time <= {now}"
        f" AND profile_id IN ({NORDIC})) AS pairs GROUP BY profile_id HAVING count(*) >= 20"
    ),
    "ratio": count(
        "SELECT profile_id FROM (SELECT profile_id, campaign,"
        " max(CASE WHEN metric = 'Received Email' THEN 1 ELSE 0 END) AS received,"
        f" max(CASE WHEN metric = 'Opened Email' THEN 1 ELSE 0 END) AS opened {MAILS}"
        " GROUP BY profile_id, campaign) AS mails GROUP BY profile_id HAVING sum(received) > 0"
        " AND sum(received * opened) * 2 >= sum(received)"
    ),
    "funnel of three steps": count("{funnel}"),
    "distance and consent": "SELECT count(*) FROM people WHERE {stockholm} AND {can_receive}",
    "regular expression and lists": "SELECT count(*) FROM people WHERE {email_matches}"
    " AND id IN (SELECT profile_id FROM list_member WHERE list = 0)"
    " AND id NOT IN (SELECT profile_id FROM list_member WHERE list = 1)",
    "twelve conditions, nested": "SELECT count(*) FROM people"
    f" WHERE (id IN ({who('Placed Order', 'time >= {d365}')})"
    f" OR id IN ({who('Placed Order', 'time > 0', SPENT.format(500))}))"
    f" AND (((id IN ({who('Opened Email', 'time >= {d90}', 'count(*) >= 3')})"
    f" OR id IN ({who('Clicked Email', 'time >= {d90}')}))"
    f" AND id IN ({who('Received Email', 'time >= {d365}')}))"
    f" OR (id IN ({who('Viewed Product', 'time >= {d60}', 'count(*) >= 5')})"
    " AND ({copenhagen} OR favourite_colour IN ('Red', 'Blue'))))"
    " AND ({can_receive} OR country = 'Sweden'"
    f" OR NOT (id IN ({who('Started Checkout', 'time >= {d365}')}) AND id IN ({{abandoned}})))",
}
_CAN_RECEIVE = (
    "(email IS NOT NULL AND (email_status IS NULL OR email_status <> 'unsubscribed')"
    " AND id NOT IN (SELECT profile_id FROM suppression))"
)


def queries(dialect: Dialect, bounds: Bounds) -> dict[str, str]:
    """The ten queries by the names of the segments; each gives one number."""
    pattern = EMAIL_PATTERN.replace("\\", dialect.escape)
    values = {f"d{days}": str(bounds.since(days)) for days in (60, 90, 180, 365, 730)}
    values |= {
        "now": str(bounds.now),
        "day": str(DAY),
        "three_days": str(3 * DAY),
        "by_person": dialect.by_person,
        "linen": dialect.linen,
        "email_matches": dialect.regex.format(pattern=pattern),
        "stockholm": _near(STOCKHOLM, 100),
        "copenhagen": _near(COPENHAGEN, 300),
        "can_receive": _CAN_RECEIVE,
    }
    values["funnel"] = dialect.funnel.format(**values)
    values["abandoned"] = dialect.abandoned.format(**values)
    templates = {**TEMPLATES, **dialect.own}
    return {name: template.format(**values) for name, template in templates.items()}


def _near(place: tuple[float, float], kilometers: float) -> str:
    """The haversine formula behind a box that lets few through to it."""
    latitude, longitude = place
    angle = kilometers / EARTH_RADIUS_KM
    high = math.degrees(angle)
    wide = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(latitude))))
    return (
        f"(latitude BETWEEN {latitude - high} AND {latitude + high}"
        f" AND longitude BETWEEN {longitude - wide} AND {longitude + wide}"
        f" AND {2 * EARTH_RADIUS_KM} * asin(sqrt(power(sin((radians(latitude)"
        f" - radians({latitude})) / 2), 2) + cos(radians(latitude)) * cos(radians({latitude}))"
        f" * power(sin((radians(longitude) - radians({longitude})) / 2), 2))) < {kilometers})"
    )
