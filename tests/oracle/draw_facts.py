"""Drawing the facts of one account: people, events, predictions.

Times cluster around the edges of windows as seen from `at`. Owns no definitions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from . import pools
from .dice import Dice
from .world import Json, World

EVERYTHING = frozenset(
    {"identity", "address", "properties", "consent", "lists", "events", "predictions"}
)
MOST_PEOPLE = 8
MOST_EVENTS = 25


def moment(dice: Dice, zone: str) -> datetime:
    """Choose an aware `at` on or near a change of clocks, a leap day or the end of a month."""
    day = dice.one(pools.anchors(zone)) + timedelta(days=dice.one(pools.DAY_STEPS))
    clock = dice.one(pools.CLOCK_TIMES)
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def instant_near(dice: Dice, at: datetime, zone: str, future: bool = True) -> datetime:
    """Choose a UTC instant near `at` or some window's edge, not after `at` unless `future`.

    One in six is moved to an earlier year, so that its anniversary is near that edge.
    """
    years = 1 + dice.up_to(3) if dice.chance(6) else 0
    if dice.focus.dates and dice.chance(2):
        result = dice.one(dice.focus.dates)
    elif dice.focus.windows and dice.chance(2):
        result = at - dice.one(dice.focus.windows)
    elif dice.focus.edges and dice.chance(2):
        unit, quantity = dice.one(dice.focus.edges)
        result = pools.edge(at, zone, unit, quantity, after=dice.chance(2))
    else:
        unit = dice.one(pools.UNITS)
        quantity = dice.one([0, *pools.QUANTITIES[unit]])
        if (future or years) and dice.chance(2 if years else 4):
            quantity = -quantity
        result = pools.edge(at, zone, unit, quantity, after=dice.chance(3))
    result += dice.one(pools.JITTER)
    if years:
        result = pools.years_back(result, zone, years)
    return result if future else min(result, at)


def iso(when: datetime) -> str:
    """Write an instant as the exchange format does, in UTC."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def date_text(dice: Dice, at: datetime, zone: str) -> str:
    """Choose an ISO date or date-time, with or without a zone, near the edges seen from `at`."""
    if dice.chance(10):
        return dice.one(["1996-02-29", "2000-02-29T12:00:00Z", "1990-12-31 23:59"])
    when = instant_near(dice, at, zone)
    local = when.astimezone(ZoneInfo(zone))
    style = dice.up_to(5)
    if style <= 1:
        return local.date().isoformat()
    if style == 2:
        return local.replace(tzinfo=None, microsecond=0).isoformat(" ")
    if style == 3:
        return local.replace(tzinfo=None).isoformat("T", "minutes")
    if style == 4 or local.utcoffset() is None or local.second:
        return iso(when)
    return local.isoformat()


def value(dice: Dice, at: datetime, zone: str) -> Any:
    """Choose any JSON value a property may hold, null included."""
    kind = dice.up_to(6)
    if kind == 0:
        return dice.one(pools.TEXTS)
    if kind == 1:
        return dice.one(pools.NUMBERS)
    if kind == 2:
        return dice.one([False, True])
    if kind == 3:
        return None
    if kind == 4:
        return date_text(dice, at, zone)
    if kind == 5:
        return _items(dice)
    return dice.one(pools.OBJECTS)


def _items(dice: Dice) -> list[Any]:
    pool = [*pools.LIST_ITEMS, *dice.focus.texts, *dice.focus.numbers]
    return [dice.one(pool) for _ in range(dice.up_to(3))]


def number(dice: Dice) -> float:
    """Choose a number, one time in three a definition's literal or just beside it."""
    if dice.focus.numbers and dice.chance(3):
        return dice.one(dice.focus.numbers) + dice.one(pools.NUDGES)
    return dice.one(pools.NUMBERS)


def typed_value(dice: Dice, name: str, at: datetime, zone: str) -> Any:
    """Choose a value of the type a property of that name usually has, now and then another."""
    if dice.chance(5):
        return value(dice, at, zone)
    if dice.focus.texts and dice.chance(6):
        return dice.one(dice.focus.texts)
    if name in ("Size", "Price"):
        return number(dice)
    if name in ("Tags", "Items"):
        return _items(dice)
    if name in ("Birthday", "Shipped"):
        return date_text(dice, at, zone)
    if name == "VIP":
        return dice.one([False, True])
    return dice.one(["A", "B", "C"] if name == "Campaign" else pools.TEXTS)


def properties(dice: Dice, names: list[str], at: datetime, zone: str) -> Json:
    """Choose some of the named properties."""
    return {
        name: typed_value(dice, name, at, zone)
        for name in names
        if (not dice.chance(5) if name in dice.focus.properties else dice.chance(3))
    }


def without_nulls(fields: Json) -> Json:
    """Leave out what was not chosen."""
    return {name: content for name, content in fields.items() if content is not None}


def location(dice: Dice) -> Json:
    """Choose an address: with coordinates, or only a post code or a city, or neither."""
    style = dice.up_to(4)
    if style == 0:
        return {"country": dice.one(pools.COUNTRIES)}
    if style == 1:
        city = dice.one(list(pools.POINTS))
        latitude, longitude = pools.POINTS[city]
        fields = {"latitude": latitude, "longitude": longitude, "city": city}
        return without_nulls({**fields, "country": dice.maybe(pools.COUNTRIES)})
    if style == 2:
        country, code = dice.one(list(pools.PLACES))
        return {"country": dice.one(pools.SPELLINGS[country]), "zip": code}
    if style == 3:
        country, city = dice.one(list(pools.CITIES))
        return {"country": dice.one(pools.SPELLINGS[country]), "city": city}
    return {}


def consent(dice: Dice, channel: str, at: datetime, zone: str) -> Json:
    """Choose one channel's marketing consent, now and then dated after `at`, or not at all."""
    status = dice.one(["SUBSCRIBED", "SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED"])
    row: Json = {"consent": status}
    if status != "NEVER_SUBSCRIBED":
        row["consent_timestamp"] = None if dice.chance(4) else iso(instant_near(dice, at, zone))
        row["method"] = dice.one(pools.METHODS)
        row["method_detail"] = dice.maybe(pools.METHOD_DETAILS)
        row["custom_method_detail"] = dice.maybe(pools.SOURCES)
        if channel == "email":
            row["double_optin"] = dice.chance(2)
        if channel == "sms":
            row["is_rcs_capable"] = dice.chance(2)
    if dice.chance(3):
        row["suppression"] = [
            {"reason": reason, "timestamp": iso(instant_near(dice, at, zone))}
            for reason in dice.some(pools.SUPPRESSIONS, 1, 2)
        ]
    return {"marketing": without_nulls(row)}


def permission(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a reachability on WhatsApp for one kind of message, stated or left to the consent."""
    fields = {
        "consent": dice.one(["SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED"]),
        "reachability": dice.maybe(pools.REACHABILITY),
        "consent_timestamp": None if dice.chance(4) else iso(instant_near(dice, at, zone)),
        "last_updated": iso(instant_near(dice, at, zone)),
        "method": dice.one(pools.METHODS),
        "method_detail": dice.maybe(pools.METHOD_DETAILS),
    }
    return without_nulls(fields)


def subscriptions(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose consents for some of the channels."""
    consents = {
        channel: consent(dice, channel, at, zone)
        for channel in ("email", "sms", "mobile_push")
        if not dice.chance(3)
    }
    kinds = dice.some(["marketing", "transactional"])
    if kinds:
        consents["whatsapp"] = {kind: permission(dice, at, zone) for kind in kinds}
    return consents


def person(dice: Dice, index: int, at: datetime, zone: str, parts: frozenset[str]) -> Json:
    """Choose one person; identifiers carry the index, so no two people share one."""
    fields: Json = {"external_id": f"p{index}"}
    fields["created"] = iso(instant_near(dice, at, zone, future=False))
    if "identity" in parts:
        if not dice.chance(3):
            fields["email"] = f"p{index}@{dice.one(['red.example', 'example.com'])}"
        if not dice.chance(3):
            fields["phone_number"] = pools.PHONES[index]
        fields["first_name"] = dice.maybe(pools.NAMES)
        fields["title"] = dice.maybe(pools.TEXTS)
    if "address" in parts:
        fields["location"] = location(dice)
    if "properties" in parts:
        fields["properties"] = properties(dice, pools.PROPERTIES, at, zone)
    if "consent" in parts:
        fields["subscriptions"] = subscriptions(dice, at, zone)
    if "lists" in parts:
        fields["lists"] = [
            {"name": name, "joined": iso(instant_near(dice, at, zone, future=False))}
            for name in dice.some(pools.LISTS)
        ]
    return without_nulls(fields)


def events(dice: Dice, crowd: int, at: datetime, zone: str) -> list[Json]:
    """Choose events in any order: bursts, repetitions, late ones and future ones."""
    log: list[Json] = []
    while len(log) < MOST_EVENTS and not dice.chance(16):
        when = instant_near(dice, at, zone)
        who = dice.up_to(crowd - 1)
        for _ in range(1 + dice.up_to(2)):
            event: Json = {
                "metric": dice.one([*pools.METRICS, *dice.focus.metrics * 3]),
                "time": iso(when),
                "value": None if dice.chance(4) else number(dice),
                "properties": properties(dice, pools.EVENT_PROPERTIES, at, zone),
                "profile": {"external_id": f"p{who}"},
            }
            if dice.chance(2):
                event["unique_id"] = f"u{len(log)}"
            log.insert(dice.up_to(len(log)), event)
            if dice.chance(4):
                log.insert(dice.up_to(len(log)), dict(event))
            when += dice.one([*pools.STEPS, *dice.focus.windows * 2])
    return log[:MOST_EVENTS]


def prediction(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose one person's predicted fields; what is missing could not be computed."""
    if dice.chance(3):
        return {}
    fields: Json = {
        name: dice.one(pools.CHANCES if name in pools.PROBABILITIES else pools.AMOUNTS)
        for name in pools.PREDICTED_NUMBERS
        if not dice.chance(3)
    }
    fields["predicted_gender"] = dice.maybe(pools.GENDERS)
    fields["rfm_group"] = dice.maybe(pools.RFM_GROUPS)
    if not dice.chance(3):
        fields[pools.NEXT_ORDER] = iso(instant_near(dice, at, zone))
    return without_nulls(fields)


def facts(dice: Dice, at: datetime, zone: str, parts: frozenset[str] = EVERYTHING) -> World:
    """Choose a world without segments, with no more than the named parts."""
    crowd = 1 + dice.up_to(MOST_PEOPLE - 1)
    return World(
        people=[person(dice, index, at, zone, parts) for index in range(crowd)],
        events=events(dice, crowd, at, zone) if "events" in parts else [],
        zone=zone,
        predictions=[
            prediction(dice, at, zone) if "predictions" in parts else {} for _ in range(crowd)
        ],
        places=pools.PLACES,
        cities=pools.CITIES,
        ids=[str(1_000 + 37 * index) for index in range(crowd)],
    )
