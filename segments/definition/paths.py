"""How a definition names a profile's property: `email`, `location['city']`, `properties['x']`."""

from __future__ import annotations

import re
from typing import NamedTuple

from profiles import facts
from profiles.columns.column import Column
from profiles.columns.dates import AttributeDates, Dates, PropertyDates
from profiles.columns.population import Population
from profiles.facts import FactKey

FIELDS = {
    "email": "email",
    "phone_number": "phone_number",
    "external_id": "external_id",
    "anonymous_id": "anonymous_id",
    "first_name": "first_name",
    "last_name": "last_name",
    "organization": "organization",
    "title": "title",
    "locale": "locale",
    "image": "image",
    "created": "created",
    "updated": "updated",
    "first_active": "first_active",
    "last_active": "last_active",
    "last_event_date": "last_active",
}
"""Plain names to the profile's fields."""
LOCATION = {
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "region": "region",
    "country": "country",
    "zip": "zip",
    "timezone": "time_zone",
    "latitude": "latitude",
    "longitude": "longitude",
}
INSTANTS = frozenset({"created", "updated", "first_active", "last_active"})
"""Fields that hold a time."""
NUMBERS = frozenset({"latitude", "longitude"})
"""Fields that hold a number."""

_QUOTED = re.compile(
    r"""(location|properties)\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]""", re.DOTALL
)


class PropertyPath(NamedTuple):
    """A property: a field of every profile, or (`custom`) one that the account defined."""

    name: str
    custom: bool

    def column(self, people: Population) -> Column:
        """The column of the property."""
        return people.profile_property(self.name) if self.custom else people.attribute(self.name)

    @property
    def dates(self) -> Dates:
        """The property's values as dates."""
        return PropertyDates(self.name) if self.custom else AttributeDates(self.name)

    @property
    def fact(self) -> FactKey:
        return facts.profile_property(self.name) if self.custom else facts.attribute(self.name)


def parse_path(text: str) -> PropertyPath | None:
    """Read a path; None if no profile can have such a property."""
    if text in FIELDS:
        return PropertyPath(FIELDS[text], custom=False)
    quoted = _QUOTED.fullmatch(text)
    if quoted is None:
        return None
    name = re.sub(r"\\(.)", r"\1", quoted[2] if quoted[2] is not None else quoted[3])
    if quoted[1] == "properties":
        return PropertyPath(name, custom=True) if name else None
    return PropertyPath(LOCATION[name], custom=False) if name in LOCATION else None


def write_path(name: str) -> str:
    """The path of a custom property."""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"properties['{escaped}']"
