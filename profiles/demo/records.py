"""A made-up person as a profile of the exchange format: attributes, properties, consents, lists.

Custom properties, each set for some people only: Favourite colour, Quiz answer, Interests (list),
Tags (list), Title, Role, Customer type, Organisation type, Industry, Age group, Municipality,
Initial UTM Source, Initial UTM Medium, Initial UTM Campaign, Birthday (date as text), Last store
visit (date and time as text), Loyalty points (number; for a few, text), Shoe size (number), VIP.
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

from profiles.demo.names import NAMES
from profiles.demo.people import DemoPerson, birthday
from profiles.demo.seasons import DAY, iso

NEWSLETTER_LIST = "Newsletter"
CUSTOMERS_LIST = "Shop customers"
VIP_LIST = "VIP club"
_ORDERS_OF_A_VIP = 5

_COLOURS = ("blue", "blue", "green", "green", "red", "yellow", "black", "orange", "forest green")
_ANSWERS = ("hydration", "warmth", "light packing", "durability", "style")
_INTERESTS = (
    "outdoors",
    "hiking",
    "trail running",
    "skiing",
    "camping",
    "photography",
    "cooking",
    "cycling",
    "sustainability",
    "American football",
)
_TAGS = ("ambassador", "event guest", "press", "wholesale", "beta tester", "returns often")
_ORGANISATIONS = (
    # Name, type, industry, kind of customer.
    ("Northern Trails AB", "Company", "Tourism", "Company"),
    ("Siljan Outdoor School", "School", "Education", "School"),
    ("Dala Hiking Club", "Association", "Leisure", "Club"),
    ("Tatra Guides", "Company", "Tourism", "Company"),
    ("Harbor Rowing Club", "Association", "Sports", "Club"),
    ("Granite State Scouts", "Association", "Youth work", "Club"),
    ("Municipal Sports Office", "Public body", "Public sector", "Public body"),
    ("Lakeside Hotel", "Company", "Hospitality", "Company"),
)
_TITLES = (
    ("Buyer", "Decision maker"),
    ("Chief executive", "Decision maker"),
    ("Teacher", "Influencer"),
    ("Guide", "User"),
    ("Chair", "Decision maker"),
    ("Treasurer", "Pays the bills"),
    ("Coordinator", "Influencer"),
)
_SOURCES = (
    ("google", "cpc", "brand"),
    ("google", "organic", None),
    ("facebook", "paid_social", "summer-shorts"),
    ("instagram", "social", "trail-life"),
    ("newsletter", "email", "friends"),
    ("outdoor-blog", "referral", None),
    ("google", "cpc", "winter-jackets"),
)
_AGES = ((25, "18-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (65, "55-64"), (200, "65+"))


def profile_record(person: DemoPerson, *, seed: int, end: int) -> dict[str, Any]:
    """Return a person as an exchange-format profile; `end` is the data's end (seconds since 1970).

    Attributes and properties that are not known are left out.
    """
    draw = Random(f"records {seed} {person.number}")
    record: dict[str, Any] = {
        name: value
        for name, value in (
            ("email", person.email),
            ("phone_number", person.phone),
            ("external_id", person.external_id),
            ("anonymous_id", person.anonymous_id),
            ("first_name", person.first_name),
            ("last_name", person.last_name),
        )
        if value is not None
    }
    properties: dict[str, Any] = {}
    if person.email is not None:
        properties = _properties(draw, person, end=end)
        if draw.random() < 0.05:
            _add_work(draw, record, properties)
        elif draw.random() < 0.5:
            properties["Customer type"] = "Private"
    _add_origin(draw, properties)
    if person.city is not None:
        record["locale"] = person.city.locale
        record["location"] = _location(draw, person)
    record["properties"] = properties
    record["created"] = iso(person.joined)
    record["subscriptions"] = _subscriptions(draw, person, end=end)
    record["lists"] = _lists(person)
    return record


def is_vip(person: DemoPerson) -> bool:
    return len(person.orders) >= _ORDERS_OF_A_VIP and person.email is not None


def _properties(draw: Random, person: DemoPerson, *, end: int) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if draw.random() < 0.35:
        properties["Favourite colour"] = draw.choice(_COLOURS)
    if draw.random() < 0.3:
        properties["Quiz answer"] = draw.choice(_ANSWERS)
    if draw.random() < 0.42:
        properties["Interests"] = draw.sample(_INTERESTS, draw.randint(1, 4))
    elif draw.random() < 0.03:
        properties["Interests"] = []
    if draw.random() < 0.18:
        properties["Tags"] = draw.sample(_TAGS, draw.choice((1, 1, 1, 2, 3)))
    if is_vip(person):
        properties["VIP"] = True
    elif person.orders and draw.random() < 0.4:
        properties["VIP"] = False
    if person.orders and draw.random() < 0.7:
        points = len(person.orders) * 35 + draw.randrange(60)
        # As after an old import with the column as text.
        properties["Loyalty points"] = str(points) if draw.random() < 0.02 else points
    if draw.random() < 0.12:
        properties["Shoe size"] = 35 + draw.randrange(26) / 2
    year = datetime.fromtimestamp(end, UTC).year
    if draw.random() < 0.4 or person.number % 211 == 7:
        born = birthday(draw, number=person.number, year=year)
        properties["Birthday"] = born.isoformat()
        if draw.random() < 0.5:
            properties["Age group"] = next(name for age, name in _AGES if year - born.year < age)
    elif draw.random() < 0.2:
        properties["Age group"] = draw.choice(_AGES)[1]
    if person.city is not None and person.city.country == "Sweden":
        if draw.random() < 0.6:
            properties["Municipality"] = person.city.name
        if draw.random() < 0.25:
            ago = draw.random() * min(700 * DAY, end - person.joined)
            properties["Last store visit"] = iso(end - 60 - int(ago))
    return properties


def _add_work(draw: Random, record: dict[str, Any], properties: dict[str, Any]) -> None:
    name, kind, industry, customer = draw.choice(_ORGANISATIONS)
    title, role = draw.choice(_TITLES)
    record["organization"] = name
    record["title"] = title
    properties["Title"] = title
    properties["Role"] = role
    properties["Customer type"] = customer
    properties["Organisation type"] = kind
    properties["Industry"] = industry


def _add_origin(draw: Random, properties: dict[str, Any]) -> None:
    if draw.random() >= 0.55:
        return
    source, medium, campaign = draw.choice(_SOURCES)
    properties["Initial UTM Source"] = source
    properties["Initial UTM Medium"] = medium
    if campaign is not None:
        properties["Initial UTM Campaign"] = campaign


def _location(draw: Random, person: DemoPerson) -> dict[str, Any]:
    city = person.city
    assert city is not None
    chance = draw.random()
    if chance < 0.05:
        return {"country": city.country, "timezone": city.zone}
    location: dict[str, Any] = {
        "city": city.name,
        "region": city.region,
        "country": city.country,
        "timezone": city.zone,
    }
    if chance < 0.12:
        return location
    location["zip"] = draw.choice(city.zips)
    if person.orders:
        street = draw.choice(NAMES[city.culture].streets)
        house = draw.randint(1, 120)
        before = city.culture in ("english", "french")
        location["address1"] = f"{house} {street}" if before else f"{street} {house}"
    if draw.random() < 0.5:
        location["latitude"] = round(city.latitude + draw.gauss(0, 0.012), 5)
        location["longitude"] = round(city.longitude + draw.gauss(0, 0.018), 5)
    return location


def _subscriptions(draw: Random, person: DemoPerson, *, end: int) -> dict[str, Any]:
    subscriptions: dict[str, Any] = {}
    if person.email is not None:
        subscriptions["email"] = {"marketing": _email_marketing(draw, person, end=end)}
    texts = person.text_consent
    if texts is not None:
        detail = "Text club" if texts.method == "FORM" else None
        marketing: dict[str, Any] = {
            "consent": "SUBSCRIBED" if texts.until is None else "UNSUBSCRIBED",
            "consent_timestamp": iso(texts.since if texts.until is None else texts.until),
            "method": texts.method if texts.until is None else "INBOUND_MESSAGE",
            "is_rcs_capable": draw.random() < 0.4,
        }
        if detail is not None and texts.until is None:
            marketing["method_detail"] = detail
        subscriptions["sms"] = {"marketing": marketing}
    if person.external_id is not None and draw.random() < 0.07:
        subscriptions["mobile_push"] = {
            "marketing": {
                "consent": "SUBSCRIBED",
                "consent_timestamp": iso(_between(draw, person.joined, end)),
            }
        }
    if person.phone is not None and draw.random() < 0.05:
        moment = iso(_between(draw, person.joined, end))
        consent = {
            "consent": "SUBSCRIBED",
            "consent_timestamp": moment,
            "last_updated": moment,
            "method": "CHECKOUT",
            "reachability": "explicitly_reachable",
        }
        subscriptions["whatsapp"] = {"marketing": consent, "transactional": dict(consent)}
    return subscriptions


def _email_marketing(draw: Random, person: DemoPerson, *, end: int) -> dict[str, Any]:
    agreed = person.email_consent
    suppressions: list[dict[str, str]] = []
    if agreed is None:
        marketing: dict[str, Any] = {"consent": "NEVER_SUBSCRIBED"}
        if draw.random() < 0.02:
            suppressions.append(_suppression("INVALID_EMAIL", person.joined))
    elif agreed.ending in (None, "bounce"):
        marketing = {
            "consent": "SUBSCRIBED",
            "consent_timestamp": iso(agreed.since),
            "method": agreed.method,
            "method_detail": agreed.detail,
            "double_optin": agreed.double_opt_in,
        }
        if agreed.method == "API":
            marketing["custom_method_detail"] = agreed.detail
        if agreed.until is not None:
            suppressions.append(_suppression("HARD_BOUNCE", agreed.until))
    else:
        assert agreed.until is not None
        spam = agreed.ending == "spam"
        marketing = {
            "consent": "UNSUBSCRIBED",
            "consent_timestamp": iso(agreed.until),
            "method": "SPAM_COMPLAINT"
            if spam
            else draw.choice(("ONE_CLICK_UNSUBSCRIBE", "PREFERENCE_PAGE", "MAILBOX_PROVIDER")),
        }
        suppressions.append(_suppression("SPAM_COMPLAINT" if spam else "UNSUBSCRIBE", agreed.until))
    if draw.random() < 0.005:
        suppressions.append(_suppression("USER_SUPPRESSED", _between(draw, person.joined, end)))
    if suppressions:
        marketing["suppression"] = suppressions
    return marketing


def _suppression(reason: str, moment: int) -> dict[str, str]:
    return {"reason": reason, "timestamp": iso(moment)}


def _lists(person: DemoPerson) -> list[dict[str, str]]:
    lists: list[dict[str, str]] = []
    if person.email_consent is not None:
        lists.append({"name": NEWSLETTER_LIST, "joined": iso(person.email_consent.since)})
    if person.orders:
        lists.append({"name": CUSTOMERS_LIST, "joined": iso(person.orders[0])})
    if is_vip(person):
        moment = person.orders[_ORDERS_OF_A_VIP - 1]
        lists.append({"name": VIP_LIST, "joined": iso(moment)})
    return lists


def _between(draw: Random, low: int, high: int) -> int:
    return low + int(draw.random() * max(0, high - low - 60))
