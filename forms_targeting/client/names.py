"""Klaviyo's names for what a page says about a person and an event, and ours. Pure.

The shape of a record decides how it is read, not the header with the API's revision: resources of
JSON:API, and the plain objects of older scripts and of hand-written pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from profiles.api.documents import CURRENCY
from profiles.ingest.parse import LOCATION_FIELDS, TEXT_FIELDS
from profiles.models import IDENTIFIERS
from segmenter.kernel.errors import Invalid, Problem

ACTIVITY, ACTIVITY_NAME = "__activity__", "Active on Site"
"""What Klaviyo's script calls a page that somebody known looks at, and the metric's name."""
_TOKENS = ("_kx", "$exchange_id", "exchange_id")
_IDENTIFIERS = {"$id": "external_id", "$anonymous": "anonymous_id"}
_PLACES = (*LOCATION_FIELDS, "latitude", "longitude", "timezone")
_PATCHES = ("append", "unappend", "unset")
_OWN_WORDS = frozenset({*_TOKENS, "$use_ip", "$is_session_activity", "$kid", "$consent"})
"""What scripts say to the server; no properties of anybody."""
_MILLISECONDS_FROM = 1e11
"""A larger number is no Unix second of this age of the world."""


@dataclass(frozen=True)
class PageProfile:
    """A person as a page tells of them."""

    record: dict[str, Any]
    """In the exchange format, without an id: a page cannot say who somebody is by number."""
    token: str
    """The visitor token, or ""."""


def read_profile_of_page(value: Any, pointer: str) -> PageProfile:
    """Return the person of a resource or a plain object. Raises Invalid."""
    if isinstance(value, Mapping) and isinstance(value.get("data"), Mapping):
        value, pointer = value["data"], f"{pointer}/data"
    if not isinstance(value, Mapping):
        raise Invalid(Problem(pointer, "invalid", "A person is an object."))
    attributes = value.get("attributes")
    if value.get("type") == "profile" or isinstance(attributes, Mapping):
        attributes = {} if attributes is None else attributes
        if not isinstance(attributes, Mapping):
            raise Invalid(Problem(f"{pointer}/attributes", "invalid", "Attributes are an object."))
        return _of_resource(attributes, value.get("meta"))
    return _of_object(value)


def _of_resource(attributes: Mapping[str, Any], meta: Any) -> PageProfile:
    names = {*IDENTIFIERS, *TEXT_FIELDS, "properties"}
    record = {name: value for name, value in attributes.items() if name in names}
    location = attributes.get("location")
    if isinstance(location, Mapping):
        record["location"] = {name: location[name] for name in _PLACES if name in location}
    patches = [meta, attributes.get("meta")]  # where it is depends on the revision
    for each in patches:
        patch = each.get("patch_properties") if isinstance(each, Mapping) else None
        if isinstance(patch, Mapping):
            record["patch_properties"] = {n: patch[n] for n in _PATCHES if patch.get(n)}
    return PageProfile(_without_blanks(record), _token(attributes))


def _of_object(values: Mapping[str, Any]) -> PageProfile:
    """A plain object: names with or without $, everything else is a property."""
    record: dict[str, Any] = {}
    location: dict[str, Any] = {}
    patch: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for name, value in values.items():
        bare = name.removeprefix("$")
        if name in _OWN_WORDS:
            continue
        if name in _IDENTIFIERS or bare in IDENTIFIERS:
            record[_IDENTIFIERS.get(name, bare)] = value
        elif bare in TEXT_FIELDS:
            record[bare] = value
        elif bare in _PLACES:
            location[bare] = value
        elif name.startswith("$") and bare in _PATCHES:
            patch[bare] = value
        else:
            properties[name] = value
    record |= {"location": location} if location else {}
    record |= {"patch_properties": patch} if patch else {}
    record |= {"properties": properties} if properties else {}
    return PageProfile(_without_blanks(record), _token(values))


def _without_blanks(record: dict[str, Any]) -> dict[str, Any]:
    """Without identifiers that are empty: a page cannot clear any."""
    return {n: v for n, v in record.items() if n not in IDENTIFIERS or v not in (None, "")}


def _token(values: Mapping[str, Any]) -> str:
    return next((values[n] for n in _TOKENS if isinstance(values.get(n), str) and values[n]), "")


def metric_name(value: Any) -> Any:
    """The metric's name, in whatever shape it comes."""
    if isinstance(value, Mapping) and isinstance(value.get("data"), Mapping):
        value = value["data"]
    if isinstance(value, Mapping):
        inner = value.get("attributes")
        value = inner.get("name") if isinstance(inner, Mapping) else value.get("name")
    return ACTIVITY_NAME if value == ACTIVITY else value


def event_record(attributes: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Return an event in the exchange format, without its person.

    `$value` and `$event_id` may stand among the properties, numbers may be text. Raises Invalid.
    """
    properties = attributes.get("properties")
    if isinstance(properties, Mapping):
        others = {n: v for n, v in properties.items() if n not in _OWN_WORDS}
        value = others.pop("$value", None)
        key = others.pop("$event_id", None)
    else:
        others, value, key = {}, None, None
        if properties is not None:
            raise Invalid(Problem("/properties", "invalid", "Properties are an object."))
    currency = attributes.get("value_currency")
    if isinstance(currency, str) and currency:
        others = {CURRENCY: currency[:10], **others}
    value = attributes["value"] if attributes.get("value") is not None else value
    unique_id = attributes.get("unique_id") or key
    return {
        "metric": metric_name(attributes.get("metric")),
        "time": _time(attributes.get("time"), at),
        "value": _number(value),
        "unique_id": str(unique_id) if isinstance(unique_id, int | float) else unique_id,
        "properties": others,
    }


def _number(value: Any) -> Any:
    """A number, also from text; what is none has no value."""
    if isinstance(value, str):
        try:
            value = float(value.replace(",", "."))
        except ValueError:
            return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) <= 1e15 else None


def _time(value: Any, at: datetime) -> Any:
    if value in (None, ""):
        return at
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 15:
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1_000 if abs(value) >= _MILLISECONDS_FROM else value
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            return value
    return value
