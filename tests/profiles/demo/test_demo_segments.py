"""The made-up shop as a whole: every ready-made segment has members, and orders can be predicted.

The segments are written out once more here, person by person, straight from their definitions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from profiles.demo import made_up_shop
from profiles.demo.cities import CITIES
from profiles.demo.names import NAMES
from profiles.demo.seasons import DAYS, black_friday

ENDS = datetime(2026, 11, 22, tzinfo=ZoneInfo(made_up_shop.TIME_ZONE))


def months_ago(months: int, ends: datetime = ENDS) -> datetime:
    """Return the start of the day `months` calendar months before `ends`."""
    year, month = divmod(ends.year * 12 + ends.month - 1 - months, 12)
    for day in range(ends.day, 0, -1):
        try:
            return ends.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError


def days_ago(days: int) -> datetime:
    return ENDS - timedelta(days=days)


@dataclass
class History:
    """A person and their events by metric, each list in order of time."""

    record: dict[str, Any]
    by_metric: dict[str, list[tuple[datetime, dict[str, Any]]]]

    def events(
        self, metric: str, since: datetime | None = None, until: datetime = ENDS
    ) -> list[dict[str, Any]]:
        timed = self.by_metric.get(metric, [])
        first = 0 if since is None else bisect_left(timed, since, key=lambda pair: pair[0])
        return [event for time, event in timed[first:] if time < until]

    def count(self, metric: str, since: datetime | None = None, until: datetime = ENDS) -> int:
        return len(self.events(metric, since, until))

    def read(self, since: datetime | None = None) -> int:
        return self.count("Opened Email", since) + self.count("Clicked Email", since)

    @property
    def total(self) -> float:
        return sum(event["value"] for event in self.events("Placed Order"))

    @property
    def average_order(self) -> float | None:
        orders = self.count("Placed Order")
        return self.total / orders if orders else None

    @property
    def place(self) -> dict[str, Any]:
        return self.record.get("location", {})

    @property
    def properties(self) -> dict[str, Any]:
        return self.record["properties"]

    @property
    def ordered_recently(self) -> bool:
        return self.count("Placed Order", months_ago(4)) > 0

    @property
    def lapsed(self) -> bool:
        return not self.ordered_recently and self.count("Placed Order", months_ago(13)) > 0


def histories(people: list[dict[str, Any]], events: list[dict[str, Any]]) -> list[History]:
    of: dict[tuple[str, str], dict[str, list[tuple[datetime, dict[str, Any]]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for event in events:
        ((kind, value),) = event["profile"].items()
        of[kind, value][event["metric"]].append((datetime.fromisoformat(event["time"]), event))
    for by_metric in of.values():
        for timed in by_metric.values():
            timed.sort(key=lambda pair: pair[0])
    result = []
    for record in people:
        mine = [
            (kind, record[kind])
            for kind in ("external_id", "email", "anonymous_id")
            if kind in record
        ]
        by_metric = next((of[key] for key in mine if key in of), {})
        result.append(History(record, by_metric))
    return result


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return list(made_up_shop.events(ends=ENDS))


@pytest.fixture(scope="module")
def shop(events: list[dict[str, Any]]) -> list[History]:
    return histories(list(made_up_shop.people(ends=ENDS)), events)


def test_it_is_as_big_as_promised(shop: list[History], events: list[dict[str, Any]]) -> None:
    assert len(shop) == 5000
    assert 250_000 < len(events) < 400_000


def test_an_order_follows_its_checkout_within_a_day(shop: list[History]) -> None:
    ordering = 0
    for history in shop:
        checkouts = [time for time, _ in history.by_metric.get("Started Checkout", [])]
        for time, _ in history.by_metric.get("Placed Order", []):
            ordering += 1
            place = bisect_left(checkouts, time) - 1
            assert place >= 0
            assert time - checkouts[place] < timedelta(days=1)
    assert ordering > 5000


def test_unsubscribing_ends_the_mail_and_is_in_the_consent(shop: list[History]) -> None:
    unsubscribers = [history for history in shop if history.by_metric.get("Unsubscribed")]
    assert unsubscribers
    for history in unsubscribers:
        (unsubscribed,) = history.by_metric["Unsubscribed"]
        consent = history.record["subscriptions"]["email"]["marketing"]
        assert consent["consent"] == "UNSUBSCRIBED"
        assert datetime.fromisoformat(consent["consent_timestamp"]) == unsubscribed[0]
        assert not history.events("Received Email", unsubscribed[0])


def test_the_shop_has_enough_orders_for_predictions(shop: list[History]) -> None:
    customers = [history for history in shop if history.count("Placed Order")]
    assert len(customers) >= 500
    assert sum(history.count("Placed Order") >= 3 for history in customers) >= 50
    assert any(history.count("Placed Order", days_ago(30)) for history in customers)


def test_the_black_friday_weekend_is_the_year_s_busiest(events: list[dict[str, Any]]) -> None:
    by_day = Counter(
        datetime.fromisoformat(event["time"]).date()
        for event in events
        if event["metric"] == "Placed Order"
    )
    friday = black_friday(2025)
    assert friday.isoformat() == "2025-11-28"
    assert by_day[friday] > 2 * sum(by_day.values()) / DAYS


# The segment library


def near_boston(history: History) -> bool:
    place = history.place
    latitude, longitude = place.get("latitude"), place.get("longitude")
    if latitude is None:
        city = next(
            (
                city
                for city in CITIES
                if (city.name, city.region) == (place.get("city"), place.get("region"))
            ),
            None,
        )
        if city is None:
            return False
        latitude, longitude = city.latitude, city.longitude
    assert latitude is not None
    assert longitude is not None
    a, b = radians(latitude), radians(42.3584)
    across = radians(longitude + 71.0598) / 2
    half = sin((a - b) / 2) ** 2 + cos(a) * cos(b) * sin(across) ** 2
    return 2 * 6371.0 * asin(sqrt(half)) < 48


def likely_female(history: History) -> bool:
    name = history.record.get("first_name")
    return any(name in stock.female for stock in NAMES.values()) and not any(
        name in stock.male or name in stock.either for stock in NAMES.values()
    )


def bought(history: History, part: str) -> bool:
    return any(part in event["properties"]["Name"] for event in history.events("Ordered Product"))


def clicked_not_registered(history: History) -> bool:
    for time, click in history.by_metric.get("Clicked Email", []):
        end = time + timedelta(days=14)
        if "Invitation" not in click["properties"]["Campaign Name"] or end >= ENDS:
            continue
        answers = history.events("Submitted Form", time, end)
        forms = {event["properties"]["Form"] for event in answers}
        if "Trail evening registration" not in forms:
            return True
    return False


def opened_everything(history: History) -> bool:
    def campaigns(metric: str) -> set[str]:
        recent = history.events(metric, months_ago(1))
        return {event["properties"]["Campaign Name"] for event in recent}

    received = campaigns("Received Email")
    return bool(received) and received <= campaigns("Opened Email")


def privacy_opens_only(history: History) -> bool:
    opens = history.events("Opened Email", days_ago(90))
    return (
        bool(opens)
        and all(event["properties"]["Apple Privacy Open"] for event in opens)
        and not history.count("Clicked Email", days_ago(90))
    )


def has_code(events: list[dict[str, Any]]) -> bool:
    return any("Discount Code" in event["properties"] for event in events)


def black_friday_weekend(history: History) -> bool:
    friday = black_friday(ENDS.year - 1)
    since = datetime(friday.year, friday.month, friday.day, tzinfo=ENDS.tzinfo)
    return history.count("Placed Order", since, since + timedelta(days=4)) > 0


def new_subscriber(history: History) -> bool:
    dates = [entry["joined"] for entry in history.record["lists"] if entry["name"] == "Newsletter"]
    return any(
        datetime.fromisoformat(moment) >= days_ago(30) for moment in dates
    ) and not history.events("Placed Order")


def active_lately(history: History, days: int) -> bool:
    return any(
        history.count(metric, days_ago(days))
        for metric in ("Opened Email", "Clicked Email", "Active on Site", "Placed Order")
    )


def abandoned_cart(history: History) -> bool:
    return (
        history.count("Added to Cart", days_ago(3)) + history.count("Started Checkout", days_ago(3))
        > 0
    ) and not history.count("Placed Order", days_ago(3))


def high(history: History) -> bool:
    return (history.average_order or 0) >= 100


def low(history: History) -> bool:
    return history.average_order is not None and history.average_order < 100


def often(history: History) -> bool:
    return history.count("Placed Order") >= 3


def never(history: History) -> bool:
    return history.count("Placed Order") == 0


def has(name: str) -> Callable[[History], bool]:
    return lambda history: name in history.properties


COLD = {"Maine", "New Hampshire", "Vermont", "Massachusetts", "Rhode Island", "Connecticut"}
UNION = {"Sweden", "Poland", "Germany", "France", "Denmark", "Finland", "Netherlands", "Ireland"}

LIBRARY: dict[str, Callable[[History], bool]] = {
    "cross-sell": lambda h: bought(h, "shorts") and not bought(h, "tank top"),
    "cold-region": lambda h: h.place.get("region") in COLD or h.place.get("country") == "Canada",
    "cold-region, Canada alone": lambda h: h.place.get("country") == "Canada",
    "outside-countries": lambda h: (
        h.place.get("country", "Canada") not in ("United States", "Canada")
    ),
    "inside-eu": lambda h: h.place.get("country") in UNION,
    "outside-eu": lambda h: h.place.get("country") in ("United Kingdom", "Norway", "Switzerland"),
    "product-interest": lambda h: (
        likely_female(h)
        and any(
            "New England Patriots" in event["properties"]["Name"]
            for event in h.events("Viewed Product", days_ago(90))
        )
    ),
    "custom-property": lambda h: h.properties.get("Favourite colour") == "blue",
    "active-buyers": lambda h: h.ordered_recently,
    "nearly-lost": lambda h: h.lapsed,
    "frequent-buyers": often,
    "big-spenders": lambda h: h.total >= 500,
    "almost-there": lambda h: h.read(months_ago(3)) >= 3 and never(h),
    "privacy-opens": privacy_opens_only,
    "high-aov": high,
    "low-aov": low,
    "holiday-shoppers": black_friday_weekend,
    "near-a-place": near_boston,
    "chronic-soft-bounces": lambda h: (
        sum(event["properties"]["Bounce Type"] == "soft" for event in h.events("Bounced Email")) > 7
    ),
    "cross-channel": lambda h: (
        any(
            event["properties"]["Campaign Name"] == "Newsletter November 2026"
            for event in h.events("Received Email")
        )
        and not h.count("Placed Order", days_ago(30))
    ),
    "new-subscribers": new_subscriber,
    "former-vips": lambda h: (
        h.count("Placed Order") >= 5
        and not h.count("Placed Order", months_ago(6))
        and not h.read(months_ago(3))
    ),
    "high-rollers": lambda h: often(h) and h.ordered_recently and high(h),
    "brand-enthusiasts": lambda h: often(h) and h.ordered_recently and low(h),
    "potential-high-rollers": lambda h: not often(h) and h.ordered_recently and high(h),
    "potential-enthusiasts": lambda h: not often(h) and h.ordered_recently and low(h),
    "waiting-on-wows": lambda h: 0 < h.read(months_ago(3)) < 3 and never(h),
    "espresso-shot": lambda h: (
        h.read(days_ago(30)) > 0 and not h.count("Placed Order", days_ago(30)) and not never(h)
    ),
    "window-shoppers": lambda h: (
        h.count("Viewed Product", months_ago(3)) + h.count("Active on Site", months_ago(3)) > 0
        and never(h)
    ),
    "lost-high-rollers": lambda h: often(h) and h.lapsed and high(h),
    "lapsed-enthusiasts": lambda h: often(h) and h.lapsed and low(h),
    "one-hit-wonders": lambda h: not often(h) and h.lapsed and high(h),
    "just-passing-through": lambda h: (
        not often(h)
        and h.count("Placed Order", months_ago(13), months_ago(6)) > 0
        and not h.count("Placed Order", months_ago(6))
        and low(h)
    ),
    "false-starts": lambda h: h.read() >= 3 and not h.read(months_ago(3)),
    "dead-weight": lambda h: (
        not h.count("Placed Order", months_ago(13))
        and not h.read(months_ago(13))
        and datetime.fromisoformat(h.record["created"]) < months_ago(13)
    ),
    "local-event": lambda h: h.place.get("region") == "Dalarna",
    "contact-role, Title": has("Title"),
    "contact-role, Role": has("Role"),
    "contact-role, Customer type": has("Customer type"),
    "contact-role, Organisation type": has("Organisation type"),
    "contact-role, Industry": has("Industry"),
    "contact-role, Age group": has("Age group"),
    "contact-role, Municipality": has("Municipality"),
    "clicked-not-registered": clicked_not_registered,
    "opened-everything": opened_everything,
    "active-30-days": lambda h: active_lately(h, 30),
    "inactive": lambda h: not active_lately(h, 90) and h.count("Received Email", days_ago(90)) > 0,
    "abandoned-cart": abandoned_cart,
    "unused-discount": lambda h: (
        has_code(h.events("Received Email", days_ago(14)))
        and not has_code(h.events("Placed Order", days_ago(14)))
    ),
    "came-from, source": lambda h: h.properties.get("Initial UTM Source") == "google",
    "came-from, medium": lambda h: h.properties.get("Initial UTM Medium") == "cpc",
    "came-from, campaign": lambda h: h.properties.get("Initial UTM Campaign") == "brand",
    "tagged": lambda h: "ambassador" in h.properties.get("Tags", []),
    "need": lambda h: h.properties.get("Quiz answer") == "hydration",
    "values-and-lifestyle": lambda h: "outdoors" in h.properties.get("Interests", []),
    "low-value-to-lift": lambda h: 0 < h.total < 100,
}


@pytest.mark.parametrize("key", LIBRARY)
def test_a_ready_made_segment_has_members(key: str, shop: list[History]) -> None:
    members = sum(LIBRARY[key](history) for history in shop)
    assert 10 <= members < len(shop) * 0.9, members
