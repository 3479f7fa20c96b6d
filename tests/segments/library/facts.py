"""People for each ready-made segment with its documented numbers: who is in, who is not.

The moment is AT, noon of 1 March 2026 in UTC; months are calendar months. An event is written
"Metric 2026-02-01", with a value after "=", and its properties in a second element.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD = "2020-01-01T00:00:00Z"


@dataclass(frozen=True)
class Somebody:
    """One person: events, fields of the profile, predictions."""

    events: tuple[Json, ...] = ()
    profile: Json = field(default_factory=dict)
    prediction: Json = field(default_factory=dict)


def who(*events: str | tuple[str, Json], predicted: Json | None = None, **profile: Any) -> Somebody:
    return Somebody(tuple(map(_event, events)), profile, predicted or {})


def _event(note: str | tuple[str, Json]) -> Json:
    text, properties = note if isinstance(note, tuple) else (note, {})
    text, _equals, value = text.partition("=")
    metric, day = text[:-11], text[-10:]
    event: Json = {"metric": metric, "time": f"{day}T09:00:00Z", "properties": properties}
    return event | ({"value": float(value)} if value else {})


def at(country: str = "", **parts: str) -> Json:
    return {"country": country, **parts} if country else dict(parts)


def order(*days: str, value: float = 100) -> tuple[str, ...]:
    return tuple(f"Placed Order {day}={value}" for day in days)


def opens(*days: str, **properties: Any) -> tuple[tuple[str, Json], ...]:
    properties = own(**properties)
    return tuple((f"Opened Email {day}", properties) for day in days)


def clicks(*days: str) -> tuple[str, ...]:
    return tuple(f"Clicked Email {day}" for day in days)


def product(name: str, day: str = "2026-01-01") -> tuple[str, Json]:
    return f"Ordered Product {day}", {"Name": name}


def reception(day: str, campaign: str = "Spring", **properties: Any) -> tuple[str, Json]:
    return f"Received Email {day}", {"Campaign Name": campaign, **own(**properties)}


def soft(times: int) -> tuple[tuple[str, Json], ...]:
    days = [f"2026-01-{n + 1:02}" for n in range(times)]
    return tuple((f"Bounced Email {day}", {"Bounce Type": "soft"}) for day in days)


def own(**properties: Any) -> Json:
    return {name.replace("_", " "): value for name, value in properties.items()}


def next_order(day: str) -> Json:
    """The prediction under its two names."""
    names = ("expected_date_of_next_order", "expected_date_of_next_purchase")
    return dict.fromkeys(names, f"{day}T00:00:00Z")


LATELY, LAPSED, LONG_AGO = "2026-02-01", "2025-08-01", "2024-06-01"
"""In the last month; between 4 and 13 months ago, and 6 and 13; more than 13 months ago."""
THREE_LATELY = ("2026-01-01", "2026-01-15", "2026-02-01")
CLICK_OF = ("Clicked Email 2026-01-05", {"Campaign Name": "Spring"})
REGISTRATION = {"Form": "Registration"}

FACTS: dict[str, tuple[list[Somebody], list[Somebody]]] = {
    "cross-sell": (
        [who(product("Trail Shorts")), who(product("shorts"), product("Socks"))],
        [who(product("Shorts"), product("Blue Tank Top")), who(product("Socks")), who()],
    ),
    "cold-region": (
        [who(location=at("United States", region="Maine")), who(location=at("Canada"))],
        [who(location=at("United States", region="Texas")), who()],
    ),
    "outside-countries": (
        [who(location=at("Sweden"))],
        [who(location=at("United States")), who(location=at("Canada")), who()],
    ),
    "inside-eu": ([who(location=at("Sweden"))], [who(location=at("Norway")), who()]),
    "outside-eu": ([who(location=at("Norway"))], [who(location=at("Sweden")), who()]),
    "product-interest": (
        [
            who(
                ("Viewed Product 2025-12-02", {"Name": "New England Patriots cap"}),
                predicted={"predicted_gender": "likely_female"},
            )
        ],
        [
            who(
                ("Viewed Product 2025-11-30", {"Name": "New England Patriots cap"}),
                predicted={"predicted_gender": "likely_female"},
            ),
            who(
                ("Viewed Product 2026-02-01", {"Name": "New England Patriots cap"}),
                predicted={"predicted_gender": "uncertain"},
            ),
        ],
    ),
    "custom-property": (
        [who(properties=own(Favourite_colour="blue"))],
        [who(properties=own(Favourite_colour="red")), who()],
    ),
    "active-buyers": (
        [who(*order("2025-11-01")), who(*order(LATELY))],
        [who(*order("2025-10-31")), who()],
    ),
    "nearly-lost": (
        [who(*order("2025-10-31")), who(*order("2025-02-01"))],
        [who(*order("2025-01-31")), who(*order(LAPSED, LATELY)), who(*order("2025-11-01")), who()],
    ),
    "frequent-buyers": (
        [who(*order(LONG_AGO, LAPSED, LATELY))],
        [who(*order(LAPSED, LATELY)), who()],
    ),
    "big-spenders": (
        [who(*order(LONG_AGO, LATELY, value=250))],
        [who(*order(LATELY, value=499.99)), who()],
    ),
    "almost-there": (
        [who(*opens(*THREE_LATELY)), who(*clicks(*THREE_LATELY))],
        [
            who(*opens(*THREE_LATELY), *order(LONG_AGO)),
            who(*opens("2026-01-01", "2026-02-01"), *clicks(LATELY)),
            who(*opens("2025-11-30", "2026-01-01", "2026-02-01")),
        ],
    ),
    "privacy-opens": (
        [who(*opens(LATELY, Apple_Privacy_Open=True))],
        [
            who(*opens(LATELY, Apple_Privacy_Open=True), *opens(LATELY)),
            who(*opens(LATELY, Apple_Privacy_Open=True), *clicks(LATELY)),
            who(*opens("2025-11-01", Apple_Privacy_Open=True)),
            who(*opens(LATELY, Apple_Privacy_Open=False)),
        ],
    ),
    "churn-risk": (
        [who(*order(LAPSED), predicted={"churn_probability": 0.75})],
        [
            who(*order(LAPSED), predicted={"churn_probability": 0.74}),
            who(predicted={"churn_probability": 0.9}),
        ],
    ),
    "high-aov": (
        [who(*order(LATELY)), who(*order(LATELY, value=150), *order(LAPSED, value=50))],
        [who(*order(LATELY, value=99.99)), who()],
    ),
    "low-aov": ([who(*order(LATELY, value=99.99))], [who(*order(LATELY)), who()]),
    "holiday-shoppers": (
        [who(*order("2025-11-28")), who(*order("2025-12-01"))],
        [who(*order("2025-11-27")), who(*order("2025-12-02")), who(*order("2024-11-29"))],
    ),
    "expected-to-order-soon": (
        [who(predicted=next_order("2026-03-15"))],
        [who(predicted=next_order("2026-03-16")), who(predicted=next_order("2026-02-28")), who()],
    ),
    "low-clv": (
        [who(predicted={"predicted_clv": 5.0})],
        [who(predicted={"predicted_clv": 5.01}), who()],
    ),
    "near-a-place": (
        [who(location={"latitude": 42.4, "longitude": -71.1})],
        [who(location={"latitude": 43.0, "longitude": -71.1}), who()],
    ),
    "customers-for-clv-export": ([who(*order(LONG_AGO))], [who(*opens(LATELY))]),
    "chronic-soft-bounces": (
        [who(*soft(8))],
        [who(*soft(7), ("Bounced Email 2026-02-01", {"Bounce Type": "hard"}))],
    ),
    "cross-channel": (
        [who(reception(LONG_AGO)), who(reception(LATELY), *order("2026-01-29"))],
        [who(reception(LATELY, "Autumn")), who(reception(LATELY), *order("2026-01-30"))],
    ),
    "new-subscribers": (
        [who(lists=[{"name": "Newsletter", "joined": "2026-01-30T09:00:00Z"}])],
        [
            who(lists=[{"name": "Newsletter", "joined": "2026-01-29T09:00:00Z"}]),
            who(*order(LAPSED), lists=[{"name": "Newsletter", "joined": "2026-02-10T09:00:00Z"}]),
            who(lists=[{"name": "Other", "joined": "2026-02-10T09:00:00Z"}]),
        ],
    ),
    "former-vips": (
        [who(*order(*["2025-08-31"] * 5)), who(*order(*[LAPSED] * 5), *opens("2025-11-30"))],
        [
            who(*order(*[LAPSED] * 4)),
            who(*order(*[LAPSED] * 4, "2025-09-01")),
            who(*order(*[LAPSED] * 5), *clicks("2025-12-01")),
        ],
    ),
    "high-rollers": (
        [who(*order(LONG_AGO, LAPSED, LATELY))],
        [who(*order(LAPSED, LATELY)), who(*order(LONG_AGO, LONG_AGO, LAPSED))],
    ),
    "brand-enthusiasts": (
        [who(*order(LONG_AGO, LAPSED, LATELY, value=99))],
        [who(*order(LONG_AGO, LAPSED, LATELY)), who(*order(LATELY, value=99))],
    ),
    "potential-high-rollers": (
        [who(*order(LATELY)), who(*order(LONG_AGO, LATELY))],
        [who(*order(LONG_AGO, LAPSED, LATELY)), who(*order(LAPSED)), who(*order(LATELY, value=9))],
    ),
    "potential-enthusiasts": (
        [who(*order(LATELY, value=9))],
        [who(*order(LATELY)), who(*order(LATELY, LATELY, LATELY, value=9))],
    ),
    "waiting-on-wows": (
        [who(*opens("2026-01-01", "2026-02-01"), *clicks("2026-01-01", "2026-02-01"))],
        [
            who(*opens(*THREE_LATELY)),
            who(*opens("2025-11-30")),
            who(*opens(LATELY), *order(OLD[:10])),
        ],
    ),
    "espresso-shot": (
        [who(*opens(LATELY), *order("2026-01-29")), who(*clicks("2026-01-30"), *order(LAPSED))],
        [
            who(*opens(LATELY)),
            who(*opens(LATELY), *order("2026-01-30")),
            who(*opens("2026-01-29"), *order(LAPSED)),
        ],
    ),
    "window-shoppers": (
        [who("Viewed Product 2025-12-01"), who("Active on Site 2026-02-01")],
        [who("Viewed Product 2025-11-30"), who("Active on Site 2026-02-01", *order(LAPSED))],
    ),
    "lost-high-rollers": (
        [who(*order(LONG_AGO, LONG_AGO, LAPSED))],
        [
            who(*order(LONG_AGO, LAPSED, LATELY)),
            who(*order(LONG_AGO, LONG_AGO, LONG_AGO)),
            who(*order(LAPSED, LAPSED, LAPSED, value=9)),
        ],
    ),
    "lapsed-enthusiasts": (
        [who(*order(LONG_AGO, LONG_AGO, LAPSED, value=9))],
        [who(*order(LONG_AGO, LONG_AGO, LAPSED)), who(*order(LONG_AGO, LAPSED, value=9))],
    ),
    "one-hit-wonders": (
        [who(*order(LAPSED)), who(*order(LONG_AGO, LAPSED))],
        [
            who(*order(LAPSED, LAPSED, LAPSED)),
            who(*order(LAPSED, LATELY)),
            who(*order(LONG_AGO)),
            who(*order(LAPSED, value=9)),
        ],
    ),
    "just-passing-through": (
        [who(*order("2025-08-31", value=9)), who(*order(LONG_AGO, "2025-02-01", value=9))],
        [
            who(*order("2025-09-01", value=9)),
            who(*order("2025-01-31", value=9)),
            who(*order(LAPSED)),
            who(*order(LAPSED, LAPSED, LAPSED, value=9)),
        ],
    ),
    "false-starts": (
        [who(*opens(LONG_AGO, LONG_AGO, LAPSED)), who(*clicks(*[LAPSED] * 3))],
        [who(*opens(LONG_AGO, LAPSED, LAPSED, LATELY)), who(*opens(LAPSED, LAPSED))],
    ),
    "dead-weight": (
        [who(created=OLD), who(*order("2025-01-31"), *opens("2025-01-31"), created=OLD)],
        [
            who(created="2025-02-03T00:00:00Z"),
            who(*order("2025-02-01"), created=OLD),
            who(*clicks("2025-02-01"), created=OLD),
        ],
    ),
    "local-event": (
        [who(location={"region": "Dalarna"})],
        [who(location={"region": "Skåne"}), who()],
    ),
    "contact-role": (
        [who(properties=own(Title="Manager"))],
        [who(properties=own(Title="Clerk")), who(properties=own(Role="Manager"))],
    ),
    "clicked-not-registered": (
        [who(CLICK_OF), who(CLICK_OF, ("Submitted Form 2026-01-20", REGISTRATION))],
        [who(CLICK_OF, ("Submitted Form 2026-01-10", REGISTRATION)), who()],
    ),
    "opened-everything": (
        [
            who(
                reception(LATELY),
                reception("2026-02-03", "Sale"),
                *(("Opened Email 2026-02-04", {"Campaign Name": n}) for n in ("Spring", "Sale")),
            )
        ],
        [
            who(
                reception(LATELY),
                reception("2026-02-03", "Sale"),
                ("Opened Email 2026-02-04", {"Campaign Name": "Sale"}),
            ),
            who(),
        ],
    ),
    "active-30-days": (
        [
            who(*opens("2026-01-30")),
            who(*clicks(LATELY)),
            who("Active on Site 2026-02-01"),
            who(*order(LATELY)),
        ],
        [who(*opens("2026-01-29")), who("Viewed Product 2026-02-01"), who()],
    ),
    "inactive": (
        [who(reception("2025-12-01")), who(reception(LATELY), *opens("2025-11-30"))],
        [
            who(),
            who(reception("2025-11-30")),
            *(
                who(reception(LATELY), f"{metric} 2026-02-02")
                for metric in ("Opened Email", "Clicked Email", "Active on Site", "Placed Order")
            ),
        ],
    ),
    "abandoned-cart": (
        [who("Added to Cart 2026-02-26"), who("Started Checkout 2026-02-28")],
        [
            who("Added to Cart 2026-02-25"),
            who("Added to Cart 2026-02-28", *order("2026-02-28")),
            who(),
        ],
    ),
    "unused-discount": (
        [
            who(reception("2026-02-15", Discount_Code="TEN")),
            who(reception("2026-02-20", Discount_Code="TEN"), *order("2026-02-21")),
        ],
        [
            who(reception("2026-02-20")),
            who(reception("2026-02-14", Discount_Code="TEN")),
            who(
                reception("2026-02-20", Discount_Code="TEN"),
                ("Placed Order 2026-02-21=9", {"Discount Code": "TEN"}),
            ),
        ],
    ),
    "came-from": (
        [who(properties=own(Initial_UTM_Source="google"))],
        [who(properties=own(Initial_UTM_Source="mail")), who()],
    ),
    "tagged": (
        [who(properties={"Tags": ["new", "vip"]})],
        [who(properties={"Tags": ["new"]}), who()],
    ),
    "need": (
        [who(properties=own(Quiz_answer="hydration"))],
        [who(properties=own(Quiz_answer="glow")), who()],
    ),
    "values-and-lifestyle": (
        [who(properties={"Interests": ["outdoors"]})],
        [who(properties={"Interests": ["music"]}), who()],
    ),
    "low-value-to-lift": (
        [who(*order(LATELY, value=50)), who(*order(LATELY, value=0))],
        [who(*order(LATELY, value=50.01)), who()],
    ),
}
"""Key to who is in and who is not."""
