"""Where a visitor came from: the UTM parameters of the first visit and of the last one. Pure.

The first ones are stored once and stay; the last ones are replaced by each submission that has any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from forms_targeting.submissions.submission import UTM_NAMES

FIRST, LAST = "Initial UTM", "Last UTM"
"""What the names of the properties begin with; the demo's and Klaviyo's names."""
MOST_PATH = 500


def first_touch(utm: Mapping[str, str]) -> dict[str, str | None]:
    """Properties to set unless the person has one of them; None: not set, and counts as one."""
    return {_name(FIRST, name): utm.get(name) for name in UTM_NAMES} if utm else {}


def last_touch(utm: Mapping[str, str]) -> dict[str, str | None]:
    """Properties to set; None clears what an earlier visit had and this one has not."""
    return {_name(LAST, name): utm.get(name) for name in UTM_NAMES} if utm else {}


def as_json(utm: Mapping[str, str]) -> str:
    return json.dumps(dict(utm), ensure_ascii=False)


def path_of(page: str) -> str:
    """Return the path of a page's address, without query: what figures are counted by."""
    try:
        path = urlsplit(page).path
    except ValueError:
        path = ""
    return path[:MOST_PATH] or "/"


def _name(touch: str, name: str) -> str:
    return f"{touch} {name.capitalize()}"
