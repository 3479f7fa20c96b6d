"""Records of people and events as they come in: checked, normalised, and refused with a reason.

Pure: touches no database. The exchange format is described in docs/exchange-format.md.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, NoReturn
from zoneinfo import available_timezones

import phonenumbers

from profiles.columns.instants import parse_iso
from profiles.models import IDENTIFIERS, Channel, ConsentStatus, SuppressionReason
from segmenter.kernel.errors import Invalid, Problem

MOST_TEXT = 100_000
MOST_PROPERTIES_BYTES = 100_000
MOST_DEPTH = 32
MOST_KEY = 255
_MOST_INTEGER = 2**63

TEXT_FIELDS = ("first_name", "last_name", "organization", "title", "locale", "image")
LOCATION_FIELDS = ("address1", "address2", "city", "region", "country", "zip")
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]+@[^@\s\"(),:;<>\[\\\]]+")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_time_zones = cache(available_timezones)  # it walks the zone folders on every call


class TimeRange(NamedTuple):
    """[first, last) in which an event may lie."""

    first: datetime
    last: datetime


FILE_TIMES = TimeRange(datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
"""What a file may hold: old purchase logs are welcome."""


def api_times(at: datetime) -> TimeRange:
    """What the API takes: from the year 2000 to one year ahead."""
    return TimeRange(datetime(2000, 1, 1, tzinfo=UTC), at + timedelta(days=366))


class ConsentRecord(NamedTuple):
    """What a record says of one channel."""

    channel: str
    status: str
    status_date: datetime | None
    method: str | None
    method_detail: str | None
    custom_source: str | None
    is_double_opt_in: bool | None
    is_rcs_capable: bool | None
    reachability: str | None


@dataclass(frozen=True)
class ProfileRecord:
    """A person as said in one record. Only what was said; None means "clear it"."""

    id: int | None
    identifiers: dict[str, str | None]
    fields: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    """Properties that go, before the others are set."""
    appended: dict[str, list[Any]] = field(default_factory=dict)
    """Values that lists get, unless they hold them already, once the others are set."""
    unappended: dict[str, list[Any]] = field(default_factory=dict)
    """Values that lists lose, last of all."""
    consents: tuple[ConsentRecord, ...] = ()
    suppressions: tuple[tuple[str, str, datetime | None], ...] = ()
    """(channel, reason, date)."""
    lists: tuple[tuple[str, datetime | None], ...] = ()
    """(name, joined)."""
    created: datetime | None = None

    @property
    def says_more(self) -> bool:
        """Whether it says anything beyond who the person is."""
        return any(
            (
                *(self.fields, self.properties, self.removed, self.appended, self.unappended),
                *(self.consents, self.suppressions, self.lists, self.created),
            )
        )


class EventRecord(NamedTuple):
    """Something a person did, as said in one record."""

    metric: str
    time: datetime
    value: float | None
    unique_id: str
    properties: dict[str, Any]
    profile: ProfileRecord


def refuse(pointer: str, code: str, message: str) -> NoReturn:
    raise Invalid(Problem(pointer, code, message))


def read_profile(record: Any, pointer: str = "") -> ProfileRecord:
    """Read a person from the exchange format. Raises Invalid with a pointer.

    What has been read already is returned as it is: many events may share one reading.
    """
    if isinstance(record, ProfileRecord):
        return record
    if not isinstance(record, Mapping):
        refuse(pointer, "invalid", "A person is an object.")
    identifiers = _identifiers(record, pointer)
    id_ = _profile_id(record.get("id"), pointer)
    if id_ is None and not any(identifiers.values()):
        told = ", ".join(IDENTIFIERS)
        refuse(pointer, "no_identifier", f"A person needs at least one of: {told}.")
    if record.keys() <= _IDENTIFYING:
        return ProfileRecord(id_, identifiers)
    fields = {
        name: _text(record[name], f"{pointer}/{name}") for name in TEXT_FIELDS if name in record
    }
    fields |= _location(record.get("location"), f"{pointer}/location")
    properties = record.get("properties")
    return ProfileRecord(
        id_,
        identifiers,
        fields,
        read_properties(properties, f"{pointer}/properties"),
        **_patch(record.get("patch_properties"), f"{pointer}/patch_properties"),
        consents=tuple(_consents(record.get("subscriptions"), f"{pointer}/subscriptions")),
        suppressions=tuple(_suppressions(record.get("subscriptions"), f"{pointer}/subscriptions")),
        lists=tuple(_lists(record.get("lists"), f"{pointer}/lists")),
        created=_maybe_time(record.get("created"), f"{pointer}/created"),
    )


_IDENTIFYING = {"id", *IDENTIFIERS}


def read_event(record: Any, times: TimeRange, zone: Any = UTC) -> EventRecord:
    """Read an event from the exchange format. Raises Invalid with a pointer.

    A time without a zone is in `zone`. Without a unique_id the second of the event serves.
    """
    if not isinstance(record, Mapping):
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
    if unique_id is None:
        unique_id = str(int(time.timestamp()))
    elif isinstance(unique_id, int) and not isinstance(unique_id, bool):
        unique_id = str(unique_id)
    return EventRecord(
        metric,
        time,
        read_value(record.get("value"), "/value"),
        check_text(unique_id, "/unique_id", MOST_KEY),
        read_properties(record.get("properties"), "/properties"),
        person,
    )


def read_value(value: Any, pointer: str) -> float | None:
    """An event's value: a finite number or nothing."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(pointer, "invalid", "The value must be a number.")
    if not abs(value) <= 1e15:  # neither NaN nor an infinity
        refuse(pointer, "out_of_range", "The value must be a finite number below 1e15.")
    return float(value)


def read_time(value: Any, pointer: str, zone: Any = UTC) -> datetime:
    """A time as ISO 8601 text, Unix seconds, or an aware datetime. Raises Invalid."""
    if isinstance(value, datetime):
        return value
    if value is None or value == "":
        refuse(pointer, "required", "The time is missing.")
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError):
            refuse(pointer, "invalid", f"{value!r} is not a time.")
    moment = parse_iso(value.strip()) if isinstance(value, str) else None
    if moment is None:
        refuse(pointer, "invalid", f"{_short(value)} is not a time as 2026-03-01T14:00:00Z.")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        refuse(pointer, "out_of_range", f"{_short(value)} is before the year 1 or after 9999.")


def _maybe_time(value: Any, pointer: str) -> datetime | None:
    return None if value is None else read_time(value, pointer)


def check_text(value: Any, pointer: str, most: int = MOST_TEXT) -> str:
    """A text that the database can keep, up to a length. Raises Invalid."""
    if type(value) is not str:
        refuse(pointer, "invalid", "A text is needed here.")
    if len(value) > most:
        refuse(pointer, "too_long", f"The text has {len(value)} characters; at most {most} fit.")
    if "\0" in value or (not value.isascii() and _SURROGATE.search(value)):
        refuse(pointer, "invalid", "The text has a character that cannot be kept.")
    return value


def _text(value: Any, pointer: str) -> str | None:
    return None if value is None else check_text(value, pointer, 1_000)


def _profile_id(value: Any, pointer: str) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,18}", str(value)):
        refuse(f"{pointer}/id", "invalid", f"{_short(value)} is not the id of a profile.")
    return int(value)


def _identifiers(record: Mapping[str, Any], pointer: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in IDENTIFIERS:
        if name not in record:
            continue
        value = record[name]
        if isinstance(value, int) and not isinstance(value, bool) and name != "email":
            value = str(value)
        if value is None or value == "":
            found[name] = None
            continue
        value = check_text(value, f"{pointer}/{name}", MOST_KEY).strip()
        if name == "email":
            value = value.lower()
            if len(value) > 254 or not _EMAIL.fullmatch(value):
                refuse(f"{pointer}/email", "invalid", f"{_short(value)} is no e-mail address.")
        elif name == "phone_number" and not _E164.fullmatch(value):
            value = _phone(value, f"{pointer}/phone_number")
        found[name] = value or None
    return found


def _phone(value: str, pointer: str) -> str:
    """A phone number in E.164."""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        message = f"{_short(value)} is no phone number in international form, as +46701234567."
        refuse(pointer, "invalid", message)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _location(location: Any, pointer: str) -> dict[str, Any]:
    if location is None:
        return {}
    if not isinstance(location, Mapping):
        refuse(pointer, "invalid", "A location is an object.")
    found: dict[str, Any] = {}
    for name in LOCATION_FIELDS:
        if name in location:
            value = location[name]
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            found[name] = _text(value, f"{pointer}/{name}")
    for name, most in (("latitude", 90), ("longitude", 180)):
        if name in location:
            found[name] = _degrees(location[name], f"{pointer}/{name}", most)
    if location.get("timezone") is not None:
        if not isinstance(location["timezone"], str) or location["timezone"] not in _time_zones():
            told = _short(location["timezone"])
            refuse(f"{pointer}/timezone", "invalid", f"There is no time zone {told}.")
        found["time_zone"] = location["timezone"]
    elif "timezone" in location:
        found["time_zone"] = None
    return found


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


def read_properties(properties: Any, pointer: str) -> dict[str, Any]:
    """Custom properties of a person or an event: any JSON, within limits. Raises Invalid."""
    if properties is None:
        return {}
    if not isinstance(properties, Mapping):
        refuse(pointer, "invalid", "Properties are an object.")
    size = 0
    for name, value in properties.items():
        if type(name) is not str or not 0 < len(name) <= MOST_KEY:
            refuse(pointer, "invalid", f"A property's name has 1 to {MOST_KEY} characters.")
        if type(value) is str and value.isascii() and name.isascii() and len(value) <= MOST_TEXT:
            if "\0" in value or "\0" in name:
                at = _below(pointer, name)
                refuse(at, "invalid", "The text has a character that cannot be kept.")
            size += len(name) + len(value) + 2
        else:
            at = _below(pointer, name)
            check_text(name, at)
            size += len(name) + _check_json(value, at, 1)
        if size > MOST_PROPERTIES_BYTES:
            message = f"The properties are larger than {MOST_PROPERTIES_BYTES} characters."
            refuse(_below(pointer, name), "too_large", message)
    return dict(properties)


def _patch(patch: Any, pointer: str) -> dict[str, Any]:
    """What `patch_properties` {unset, append, unappend} says, as fields of a ProfileRecord."""
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
        "removed": tuple(names),
        "appended": listed["append"],
        "unappended": listed["unappend"],
    }


def _distinct(values: list[Any]) -> list[Any]:
    return list({dump(value): value for value in values}.values())


def _below(pointer: str, name: str) -> str:
    told = name.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{told}".encode("utf-8", "backslashreplace").decode()  # half a character


def _check_json(value: Any, pointer: str, depth: int) -> int:
    """Check that a JSON value can be kept, and say about how large it is."""
    if isinstance(value, str):
        check_text(value, pointer)
        return len(value) + 2
    if value is None or isinstance(value, bool):
        return 4
    if isinstance(value, int):
        if not -_MOST_INTEGER <= value < _MOST_INTEGER:
            refuse(pointer, "out_of_range", "The number does not fit into 64 bits.")
        return 8
    if isinstance(value, float):
        if not math.isfinite(value):
            refuse(pointer, "invalid", "The number must be finite.")
        return 8
    if depth >= MOST_DEPTH:
        refuse(pointer, "too_deep", f"JSON is nested at most {MOST_DEPTH} deep.")
    if isinstance(value, list | tuple):
        return 2 + sum(_check_json(v, f"{pointer}/{i}", depth + 1) for i, v in enumerate(value))
    if isinstance(value, Mapping):
        return 2 + sum(
            len(check_text(k, pointer)) + _check_json(v, f"{pointer}/{k}", depth + 1)
            for k, v in value.items()
        )
    refuse(pointer, "invalid", f"{type(value).__name__} is not JSON.")


_CHANNELS = {
    ("email", "marketing"): Channel.EMAIL,
    ("sms", "marketing"): Channel.SMS,
    ("mobile_push", "marketing"): Channel.PUSH,
    ("push", "marketing"): Channel.PUSH,
    ("whatsapp", "marketing"): Channel.WHATSAPP_MARKETING,
    ("whatsapp", "transactional"): Channel.WHATSAPP_TRANSACTIONAL,
}


def _channels(subscriptions: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    if subscriptions is None:
        return
    if not isinstance(subscriptions, Mapping):
        refuse(pointer, "invalid", "Subscriptions are an object.")
    for (channel, purpose), stored in _CHANNELS.items():
        said = subscriptions.get(channel)
        if said is None:
            continue
        if not isinstance(said, Mapping):
            refuse(f"{pointer}/{channel}", "invalid", "A channel's subscription is an object.")
        state = said.get(purpose)
        if isinstance(state, Mapping):
            yield stored, state, f"{pointer}/{channel}/{purpose}"


def _consents(subscriptions: Any, pointer: str) -> Iterator[ConsentRecord]:
    for channel, said, at in _channels(subscriptions, pointer):
        status = said.get("consent")
        if status is None and said.get("reachability") is None:
            continue
        status = str(status or "never_subscribed").lower()
        if status not in ConsentStatus.values:
            told = ", ".join(value.upper() for value in ConsentStatus.values)
            refuse(f"{at}/consent", "invalid", f"The consent must be one of: {told}.")
        date = next((said[k] for k in ("consent_timestamp", "consented_at") if said.get(k)), None)
        method = said.get("method")
        yield ConsentRecord(
            channel,
            status,
            _maybe_time(date, f"{at}/consent_timestamp"),
            None if method is None else check_text(method, f"{at}/method", 100).lower(),
            _text(said.get("method_detail"), f"{at}/method_detail"),
            _text(said.get("custom_method_detail"), f"{at}/custom_method_detail"),
            _truth(said.get("double_optin"), f"{at}/double_optin"),
            _truth(said.get("is_rcs_capable"), f"{at}/is_rcs_capable"),
            _text(said.get("reachability"), f"{at}/reachability"),
        )


def _suppressions(subscriptions: Any, pointer: str) -> Iterator[tuple[str, str, datetime | None]]:
    for channel, said, at in _channels(subscriptions, pointer):
        reasons = said.get("suppression") or said.get("suppressions") or []
        if not isinstance(reasons, list):
            refuse(f"{at}/suppression", "invalid", "Suppressions are a list.")
        for i, each in enumerate(reasons):
            place = f"{at}/suppression/{i}"
            if not isinstance(each, Mapping):
                refuse(place, "invalid", "A suppression is an object.")
            reason = str(each.get("reason", "")).lower()
            if reason not in SuppressionReason.values:
                told = ", ".join(value.upper() for value in SuppressionReason.values)
                refuse(f"{place}/reason", "invalid", f"The reason must be one of: {told}.")
            yield channel, reason, _maybe_time(each.get("timestamp"), f"{place}/timestamp")


def _truth(value: Any, pointer: str) -> bool | None:
    if value is not None and not isinstance(value, bool):
        refuse(pointer, "invalid", "true or false is needed here.")
    return value


def _lists(lists: Any, pointer: str) -> Iterator[tuple[str, datetime | None]]:
    if lists is None:
        return
    if not isinstance(lists, list):
        refuse(pointer, "invalid", "Lists are a list.")
    for i, each in enumerate(lists):
        name = each.get("name") if isinstance(each, Mapping) else each
        if not isinstance(name, str) or not name.strip():
            refuse(f"{pointer}/{i}/name", "required", "A list needs a name.")
        joined = each.get("joined") if isinstance(each, Mapping) else None
        yield (
            check_text(name.strip(), f"{pointer}/{i}/name", 200),
            _maybe_time(joined, f"{pointer}/{i}/joined"),
        )


def json_type(value: Any) -> str:
    """The word for a JSON value's type, as kept with the properties that occur."""
    if isinstance(value, str):
        return "date" if value[4:5] == "-" and parse_iso(value) is not None else "text"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list | tuple) else "object"


def dump(value: Any) -> str:
    """JSON text of what has been checked."""
    return _encode(value)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
