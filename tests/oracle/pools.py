"""The words, numbers, places and moments that worlds and definitions both draw from.

Sharing them is what makes drawn conditions hit drawn facts. Nothing here draws.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .windows import midnight, shift
from .world import Coordinates

ZONES = [
    "UTC",
    "Europe/Stockholm",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
]

# Days worth standing on: changes of clocks of the zones above, leap days, ends of months.
DAYS = {
    "Europe/Stockholm": [date(2026, 3, 29), date(2026, 10, 25), date(2024, 3, 31)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1), date(2024, 3, 10)],
    "America/Sao_Paulo": [date(2018, 2, 18), date(2018, 11, 4), date(2018, 2, 17)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
    "America/Havana": [date(2026, 3, 8), date(2026, 11, 1)],
    "UTC": [],
    "Asia/Kathmandu": [],
}
CALENDAR_DAYS = [
    date(2024, 2, 28),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2025, 2, 28),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 3, 31),
    date(2026, 5, 31),
    date(2026, 7, 15),
    date(2028, 2, 29),
]
DAY_STEPS = [0, 1, 2, 7, 30, -1, -7]
CLOCK_TIMES = [
    time(0, 0),
    time(0, 0, 0, 1),
    time(1, 30),
    time(2, 0),
    time(2, 30),
    time(12, 0),
    time(18, 45, 30, 250000),
    time(23, 59, 59, 999999),
]
QUANTITIES = {
    "hour": [1, 2, 24, 36],
    "day": [1, 2, 3, 7, 30],
    "week": [1, 2, 4],
    "month": [1, 2, 3, 12],
    "year": [1, 2, 4],
}
UNITS = list(QUANTITIES)
JITTER = [
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(microseconds=-1),
    timedelta(seconds=1),
    timedelta(seconds=-1),
    timedelta(hours=1),
    timedelta(hours=-1),
    timedelta(hours=11, minutes=17),
    timedelta(days=-1),
    timedelta(days=1),
]
# Time between an event and the next one, near the ends of completion windows.
STEPS = [
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=1, microseconds=1),
    timedelta(days=1),
    timedelta(days=2),
    timedelta(days=3),
]

TEXTS = [
    *("red", "Red", "RED", "dark red", "blue", "", " ", "5", "true", "red-1", "x_y%z"),
    *("é", "e\u0301", "Å", "A\u030a", "Bl\u00e5", "bla\u030a"),
]
"""Letters with accents in both of their spellings."""
NEEDLES = ["re", "Re", "red", "d", "RED", "dark ", "5", "é", "å", "-1", "%", "_", "zzz"]
# Patterns on which Python's engine and RE2 agree for the texts above.
PATTERNS = [
    "^red",
    "red$",
    "^(red|blue)$",
    "r.d",
    "[A-Z]{2,}",
    "[0-9]+",
    r"\d",
    r"\bred\b",
    "(?i)RED",
    "^$",
    "^[^a-z]*$",
    "x_y%z",
    r"red-\d",
]
NUMBERS: list[int | float] = [
    0,
    1,
    5,
    5.0,
    -3,
    2.5,
    10,
    9.99,
    10.0000412,
    10.0000631,
    0.1,
    0.2,
    0.3,
    100,
    1_000_000,
]
# Odd digits, so that no sum or average of 25 of them is halfway between two rounded numbers.
NUDGES = [0, 0.0000412, -0.0000412, 0.0000631]
LIMITS: list[int | float] = [10.0, 0, 1, 5, 10.0, 10.0001, 0.3, 2.5, 9.99, 100]
LENGTHS = [0, 1, 2, 3]
LIST_ITEMS: list[Any] = ["red", "Red", "blue", "", "5", 5, 2.5, "dark red", True, None, ["red"]]
OBJECTS: list[Any] = [{}, {"red": 1}, {"Colour": "red", "n": [1, 2]}]

METRICS = ["Bought", "Viewed", "Opened"]
EVENT_PROPERTIES = ["Name", "Items", "Price", "Campaign", "Shipped"]
PROPERTIES = ["Colour", "Size", "Tags", "Birthday", "VIP", "Tom's note"]
LISTS = ["Alumni", "Buyers", "Letter"]
SEGMENTS = ["SegAA1", "SegBB2"]
NAMES = ["Ann", "ann", "Åsa", "Bo", "", "Bo Ann"]

# Real, valid numbers' shapes, one region each.
PHONES = [
    "+46701740605",
    "+46701740606",
    "+12015550123",
    "+12125550187",
    "+15062345678",
    "+447400123456",
    "+48512345678",
    "+61412345678",
    "+5511961234567",
]
PHONE_COUNTRIES = ["SE", "US", "CA", "GB", "PL", "AU", "BR", "NP", "us", "se"]

COUNTRIES = [
    "Sweden",
    "SE",
    "SWE",
    "United States",
    "US",
    "USA",
    "Canada",
    "GB",
    "United Kingdom",
    "NO",
    "Norway",
    "CHE",
    "Poland",
    "PR",
    "Atlantis",
    "",
]

SPELLINGS = {"USA": ["United States", "US", "USA"], "SWE": ["Sweden", "SE", "SWE"]}

# Well-known points, far enough apart that a percent of error decides nothing.
POINTS: dict[str, Coordinates] = {
    "Boston": (42.3601, -71.0589),
    "New York City": (40.7128, -74.0060),
    "Stockholm": (59.3293, 18.0686),
    "Göteborg": (57.7089, 11.9746),
    "Kathmandu": (27.7172, 85.3240),
    "Sydney": (-33.8688, 151.2093),
    "Suva": (-18.1416, 178.4415),
    "Apia": (-13.8333, -171.7667),
}
PLACES: dict[tuple[str, str], Coordinates] = {
    ("USA", "02108"): (42.3576, -71.0684),
    ("USA", "10001"): (40.7484, -73.9967),
    ("SWE", "111 20"): (59.3333, 18.0567),
    ("SWE", "411 03"): (57.7107, 11.9747),
}
CITIES: dict[tuple[str, str], Coordinates] = {
    ("USA", "Boston"): POINTS["Boston"],
    ("USA", "New York City"): POINTS["New York City"],
    ("SWE", "Stockholm"): POINTS["Stockholm"],
}
# No two of the points above are this far apart, give or take 5 %, in kilometres or miles.
DISTANCES = [20, 100, 270, 900, 2_200, 5_000, 8_700, 13_800]

METHODS = ["FORM", "API", "PREFERENCE_PAGE", "MANUAL_IMPORT", "MANUAL_ADD", "INTEGRATION", "SFTP"]
METHOD_DETAILS = ["shopify", "constant_contact", "Summer", "summer", "ann@example.com", ""]
SOURCES = ["Fair", "fair", "Shop"]
SUPPRESSIONS = [
    "HARD_BOUNCE",
    "USER_SUPPRESSED",
    "INVALID_EMAIL",
    "SPAM_COMPLAINT",
    "UNSUBSCRIBE",
]
REACHABILITY = [
    "explicitly_reachable",
    "implicitly_reachable",
    "explicitly_unreachable",
    "implicitly_unreachable",
]

PREDICTED_NUMBERS = [
    "average_days_between_orders",
    "average_order_value",
    "churn_probability",
    "historic_clv",
    "historic_number_of_orders",
    "order_probability",
    "predicted_clv",
    "predicted_number_of_orders",
    "total_clv",
]
PROBABILITIES = ["churn_probability", "order_probability"]
CHANCES = [0, 0.25, 0.5, 0.75, 1]
AMOUNTS = [0, 1, 2.5]
GENDERS = ["likely_female", "likely_male", "uncertain"]
RFM_GROUPS = ["Champions", "Loyal", "Recent", "Needs attention", "At risk", "Inactive"]
NEXT_ORDER = "expected_date_of_next_purchase"


def anchors(zone: str) -> list[date]:
    """Return the local days on or near which a drawn `at` may lie."""
    return DAYS[zone] * 3 + CALENDAR_DAYS


def edge(at: datetime, zone: str, unit: str, quantity: int, after: bool) -> datetime:
    """Return the UTC instant of a window's edge, so that facts can be put on it.

    `quantity` counts units back from `at`, negative ones forward; `after` adds a day.
    """
    tz = ZoneInfo(zone)
    if unit == "hour":
        return at.astimezone(UTC) - timedelta(hours=quantity)
    day = shift(at.astimezone(tz).date(), -quantity, unit)
    return midnight(day + timedelta(days=int(after)), tz)


def years_back(when: datetime, zone: str, years: int) -> datetime:
    """Return the UTC instant with the same local date and time of day in an earlier year."""
    local = when.astimezone(ZoneInfo(zone))
    day = shift(local.date(), -years, "year")
    return datetime.combine(day, local.time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
