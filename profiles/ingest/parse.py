"""Parses records of people and events: validates and normalizes them, or raises Invalid.

Pure: no database. The exchange format is described in docs/exchange-format.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import phonenumbers

from profiles.ingest.checks import (
    MOST_NAME,
    check_text,
    dump,
    maybe_text,
    maybe_time,
    read_properties,
    read_time,
    read_value,
    refuse,
    short,
)
from profiles.ingest.identifiers import is_placeholder, plain_address
from profiles.ingest.subscriptions import ConsentRecord, read_consents, read_suppressions
from profiles.models import IDENTIFIERS
from segmenter.kernel.time_zones import time_zones

TEXT_FIELDS = ("first_name", "last_name", "organization", "title", "locale", "image")
LOCATION_FIELDS = ("address1", "address2", "city", "region", "country", "zip")
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]+@[^@\s\"(),:;<>\[\\\]]+")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class TimeRange(NamedTuple):
    """[first, last): the allowed times of an event."""

    first: datetime
    last: datetime


FILE_TIMES = TimeRange(datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
"""Allowed in files, which may be old purchase logs."""


def api_times(at: datetime) -> TimeRange:
    """Allowed in the API: from the year 2000 to one year ahead."""
    return TimeRange(datetime(2000, 1, 1, tzinfo=UTC), at + timedelta(days=366))


class ProfileRecord(NamedTuple):
    """A person in one record. Fields that were not in it are absent; None clears a field."""

    id: int | None
    identifiers: dict[str, str | None]
    fields: Mapping[str, Any] = _NOTHING
    properties: Mapping[str, Any] = _NOTHING
    unset: tuple[str, ...] = ()
    """Names of properties to delete, before the others are set."""
    append: Mapping[str, list[Any]] = _NOTHING
    """Values to add to lists that do not contain them, after the others are set."""
    unappend: Mapping[str, list[Any]] = _NOTHING
    """Values to remove from lists, last of all."""
    first: Mapping[str, Any] = _NOTHING
    """Properties to set unless the person has one of these names already: where they came from."""
    consents: tuple[ConsentRecord, ...] = ()
    suppressions: tuple[tuple[str, str, datetime | None], ...] = ()
    """(channel, reason, date)."""
    lists: tuple[tuple[str, datetime | None], ...] = ()
    """(name, joined)."""
    created: datetime | None = None

    @property
    def has_data(self) -> bool:
        """Whether the record contains anything but identifiers."""
        return bool(
            (self.fields or self.properties or self.unset or self.append or self.unappend)
            or (self.first or self.consents or self.suppressions or self.lists or self.created)
        )


class EventRecord(NamedTuple):
    """An event in one record."""

    metric: str
    time: datetime
    value: float | None
    unique_id: str
    properties: dict[str, Any]
    profile: ProfileRecord


def read_profile(record: Any, pointer: str = "") -> ProfileRecord:
    """Read a person from the exchange format. Raises Invalid with a pointer.

    A parsed record is returned as it is: many events may share one parsed person.
    """
    if isinstance(record, ProfileRecord):
        return record
    if type(record) is not dict and not isinstance(record, Mapping):
        refuse(pointer, "invalid", "A person is an object.")
    identifiers = _identifiers(record, pointer)
    id_ = _profile_id(record.get("id"), pointer)
    if id_ is None and not any(identifiers.values()):
        refuse(
            pointer,
            "no_identifier",
            f"{_placeholders(record)}A person needs at least one of: {', '.join(IDENTIFIERS)}.",
        )
    if record.keys() <= _IDENTIFYING:
        return ProfileRecord(id_, identifiers)
    fields = {
        name: maybe_text(record[name], f"{pointer}/{name}")
        for name in TEXT_FIELDS
        if name in record
    }
    fields |= _location(record.get("location"), f"{pointer}/location")
    properties = record.get("properties")
    return ProfileRecord(
        id_,
        identifiers,
        fields,
        read_properties(properties, f"{pointer}/properties"),
        **_patch(record.get("patch_properties"), f"{pointer}/patch_properties"),
        consents=tuple(read_consents(record.get("subscriptions"), f"{pointer}/subscriptions")),
        suppressions=tuple(
            read_suppressions(record.get("subscriptions"), f"{pointer}/subscriptions")
        ),
        lists=tuple(_lists(record.get("lists"), f"{pointer}/lists")),
        created=maybe_time(record.get("created"), f"{pointer}/created"),
    )


_IDENTIFYING = {"id", *IDENTIFIERS}


def read_event(record: Any, times: TimeRange, zone: Any = UTC) -> EventRecord:
    """Read an event from the exchange format. Raises Invalid with a pointer.

    A time without a zone is in `zone`. The default of unique_id is the Unix second of the event. A
    parsed record is returned as it is.
    """
    if isinstance(record, EventRecord):
        return record
    if type(record) is not dict and not isinstance(record, Mapping):
        refuse("", "invalid", "An event is an object.")
    metric = record.get("metric")
    if not isinstance(metric, str) or not metric.strip():
        refuse("/metric", "required", "An event needs the name of its metric.")
    metric = check_text(metric.strip(), "/metric", 200)
    if record.get("profile") is None:
        refuse("/profile", "no_identifier", "An event needs a person.")
    person = read_profile(record["profile"], "/profile")
    time = read_time(record.get("time"), "/time", zone)
    if not times.first <= time < times.last:
        first, last = times.first.date(), times.last.date()
        refuse("/time", "out_of_range", f"The time must lie between {first} and {last}.")
    unique_id = record.get("unique_id")
    if unique_id is None or (isinstance(unique_id, str) and not unique_id.strip()):
        unique_id = str(int(time.timestamp()))
    elif isinstance(unique_id, int) and not isinstance(unique_id, bool):
        unique_id = str(unique_id)
    return EventRecord(
        metric,
        time,
        read_value(record.get("value"), "/value"),
        check_text(unique_id, "/unique_id", MOST_NAME),
        read_properties(record.get("properties"), "/properties"),
        person,
    )


def _placeholders(record: Mapping[str, Any]) -> str:
    """The part of an error message that names the placeholders among the identifiers."""
    values = [f"{short(v)} in {n}" for n in IDENTIFIERS if (v := record.get(n)) not in (None, "")]
    verb = "is a placeholder, which names" if len(values) == 1 else "are placeholders, which name"
    return f"{' and '.join(values)} {verb} nobody. " if values else ""


def _profile_id(value: Any, pointer: str) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,18}", str(value)):
        refuse(f"{pointer}/id", "invalid", f"{short(value)} is not the id of a profile.")
    return int(value)


def _identifiers(record: Mapping[str, Any], pointer: str) -> dict[str, str | None]:
    """The identifiers of a record; None clears one, placeholders are ignored."""
    identifiers: dict[str, str | None] = {}
    for name in IDENTIFIERS:
        if name not in record:
            continue
        value = record[name]
        if value is None:
            identifiers[name] = None
            continue
        if is_placeholder(value):
            continue
        if isinstance(value, int) and not isinstance(value, bool) and name != "email":
            value = str(value)
        value = check_text(value, f"{pointer}/{name}", MOST_NAME).strip()
        if name == "email":
            value = _email(value, f"{pointer}/email")
        elif name == "phone_number" and not _E164.fullmatch(value):
            value = _phone(value, f"{pointer}/phone_number")
        identifiers[name] = value
    return identifiers


def _email(value: str, pointer: str) -> str:
    """A normalized e-mail address."""
    address = plain_address(value)
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        refuse(pointer, "invalid", f"{short(value)} is no e-mail address.")
    return address


def _phone(value: str, pointer: str) -> str:
    """A phone number in E.164."""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        message = f"{short(value)} is no phone number in international form, as +46701234567."
        refuse(pointer, "invalid", message)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _location(location: Any, pointer: str) -> dict[str, Any]:
    if location is None:
        return {}
    if not isinstance(location, Mapping):
        refuse(pointer, "invalid", "A location is an object.")
    fields: dict[str, Any] = {}
    for name in LOCATION_FIELDS:
        if name in location:
            value = location[name]
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            fields[name] = maybe_text(value, f"{pointer}/{name}")
    for name, most in (("latitude", 90), ("longitude", 180)):
        if name in location:
            fields[name] = _degrees(location[name], f"{pointer}/{name}", most)
    if location.get("timezone") is not None:
        if not isinstance(location["timezone"], str) or location["timezone"] not in time_zones():
            zone = short(location["timezone"])
            refuse(f"{pointer}/timezone", "invalid", f"There is no time zone {zone}.")
        fields["time_zone"] = location["timezone"]
    elif "timezone" in location:
        fields["time_zone"] = None
    return fields


def _degrees(value: Any, pointer: str, most: int) -> float | None:
    if value is None or value == "":
        return None
    try:
        degrees = float(value)
    except (TypeError, ValueError, OverflowError):
        refuse(pointer, "invalid", "Degrees are a number.")
    if not -most <= degrees <= most:
        refuse(pointer, "out_of_range", f"Degrees lie between -{most} and {most}.")
    return degrees


def _patch(patch: Any, pointer: str) -> dict[str, Any]:
    """`patch_properties` {unset, append, unappend} as fields of a ProfileRecord."""
    if patch is None:
        return {}
    if not isinstance(patch, Mapping):
        refuse(pointer, "invalid", "A patch of properties is an object.")
    unset = patch.get("unset")
    names = [] if unset is None else [unset] if isinstance(unset, str) else unset
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        refuse(f"{pointer}/unset", "invalid", "The name of a property, or a list of names.")
    listed = {
        kind: {
            name: _distinct(value if isinstance(value, list) else [value])
            for name, value in read_properties(patch.get(kind), f"{pointer}/{kind}").items()
            if value is not None
        }
        for kind in ("append", "unappend")
    }
    return {
        "unset": tuple(names),
        "append": listed["append"],
        "unappend": listed["unappend"],
    }


def _distinct(values: list[Any]) -> list[Any]:
    return list({dump(value): value for value in values}.values())


def _lists(lists: Any, pointer: str) -> Iterator[tuple[str, datetime | None]]:
    if lists is None:
        return
    if not isinstance(lists, list):
        refuse(pointer, "invalid", "Lists are a list.")
    for i, each in enumerate(lists):
        name = each.get("name") if isinstance(each, Mapping) else each
        if not isinstance(name, str) or not name.strip():
            refuse(f"{pointer}/{i}/name", "required", "A list needs a name.")
        since = each.get("joined") if isinstance(each, Mapping) else None
        yield (
            check_text(name.strip(), f"{pointer}/{i}/name", 200),
            maybe_time(since, f"{pointer}/{i}/joined"),
        )
