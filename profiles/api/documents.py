"""Requests' documents as records of the exchange format, and where in them a problem lies.

Checks only what belongs to the document's form; the records are checked where they are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from profiles.models import IDENTIFIERS
from profiles.records import LOCATION_FIELDS, TEXT_FIELDS, ProfileRecord, read_profile
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.jsonapi import check_names, read_data, read_resource, refuse

NO_PROFILE = "The profile was not found."
"""Said of an id that leads nowhere, or to another account."""
MOST_EVENTS = 1_000
"""Events of one bulk request."""
_PROFILE = frozenset((*IDENTIFIERS, *TEXT_FIELDS, "location", "properties", "_kx"))
_LOCATION = frozenset((*LOCATION_FIELDS, "latitude", "longitude", "timezone", "ip"))
_EVENT = frozenset(
    {
        *("metric", "profile", "time", "value", "value_currency", "unique_id", "properties"),
        "backfill",
    }
)
_BULK_EVENT = _EVENT - {"profile"}
_PATCHES = frozenset({"append", "unappend", "unset"})
_IGNORED = ("_kx", "ip")
"""Known to the clients, of no use here."""
_CURRENCY = "$currency_code"
"""The property of an event that holds `value_currency`."""
_JOB = "/data/attributes/events-bulk-create/data"


def read_person(document: Any) -> tuple[dict[str, Any], str | None]:
    """Return the record of a document that holds one profile, and the id it gives, if any."""
    data, attributes = read_resource(document, "profile")
    return _person(data, attributes, "/data"), data.get("id")


def place_of_person(problem: Problem, pointer: str = "/data") -> Problem:
    """A problem with a profile's record at its place under the resource at `pointer`."""
    step = problem.pointer.split("/")[1] if problem.pointer else ""
    under = {"id": "", "patch_properties": "/meta"}.get(step, "/attributes")
    if problem.code == "not_found":
        problem = Problem(problem.pointer, problem.code, NO_PROFILE)
    return problem.under(pointer + under)


def _person(data: Mapping[str, Any], attributes: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    if not attributes.keys() <= _PROFILE:
        check_names(attributes, _PROFILE, f"{pointer}/attributes")
    record = {name: value for name, value in attributes.items() if name not in _IGNORED}
    if "location" in record:
        record["location"] = _location(record["location"], f"{pointer}/attributes/location")
    id_ = data.get("id")
    if id_ is not None:
        if not isinstance(id_, str):
            refuse(f"{pointer}/id", "invalid", "An id is a text.")
        record["id"] = id_
    meta = data.get("meta")
    if meta is not None:
        record |= _meta(meta, f"{pointer}/meta")
    return record


def _location(location: Any, pointer: str) -> Any:
    """A location; null clears all of it."""
    if location is None:
        return dict.fromkeys(_LOCATION - {*_IGNORED})
    if isinstance(location, dict):
        check_names(location, _LOCATION, pointer)
    return location


def _meta(meta: Any, pointer: str) -> dict[str, Any]:
    if not isinstance(meta, dict):
        refuse(pointer, "invalid", "Meta is an object.")
    check_names(
        (name for name, value in meta.items() if value is not None),
        frozenset({"patch_properties"}),
        pointer,
        what="member",
    )
    patch = meta.get("patch_properties")
    if isinstance(patch, dict):
        check_names(patch, _PATCHES, f"{pointer}/patch_properties", what="patch")
    return {} if patch is None else {"patch_properties": patch}


def read_event(document: Any, at: datetime) -> dict[str, Any]:
    """Return the record of a document that holds one event with its person."""
    _data, attributes = read_resource(document, "event")
    person, said = read_resource(attributes.get("profile"), "profile", "/data/attributes/profile")
    record = _person(person, said, "/data/attributes/profile/data")
    return _event(attributes, _EVENT, record, "/data/attributes", at)


def place_of_event(problem: Problem, pointer: str = "/data", profile: str = "") -> Problem:
    """A problem with an event's record at its place under the resource at `pointer`.

    `profile` is where the person's resource lies, unless inside the event.
    """
    if problem.pointer.startswith("/profile"):
        inner = Problem(problem.pointer.removeprefix("/profile"), problem.code, problem.message)
        return place_of_person(inner, profile or f"{pointer}/attributes/profile/data")
    if problem.pointer == "/metric":
        return Problem(
            f"{pointer}/attributes/metric/data/attributes/name", problem.code, problem.message
        )
    return problem.under(f"{pointer}/attributes")


def _event(
    attributes: Mapping[str, Any],
    known: frozenset[str],
    person: dict[str, Any] | ProfileRecord,
    pointer: str,
    at: datetime,
) -> dict[str, Any]:
    if not attributes.keys() <= known:
        check_names(attributes, known, pointer)
    _metric, named = read_resource(attributes.get("metric"), "metric", f"{pointer}/metric")
    time, unique_id = attributes.get("time"), attributes.get("unique_id")
    properties = attributes.get("properties")
    currency = attributes.get("value_currency")
    if currency is not None and (properties is None or isinstance(properties, dict)):
        if not isinstance(currency, str) or len(currency) > 10:
            refuse(f"{pointer}/value_currency", "invalid", "A currency is a text as USD.")
        properties = {_CURRENCY: currency, **(properties or {})}
    return {
        "metric": named.get("name"),
        "time": at if time is None else time,
        "value": attributes.get("value"),
        "unique_id": None if unique_id == "" else unique_id,
        "properties": properties,
        "profile": person,
    }


class _Place(NamedTuple):
    """Where an event of a bulk document lies: entry, and event within it."""

    entry: int
    event: int


@dataclass
class BulkEvents:
    """The events of a bulk document that have the right form, and what was wrong with others."""

    records: list[dict[str, Any]] = field(default_factory=list)
    places: list[_Place] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def place(self, index: int, problem: Problem) -> Problem:
        """A problem with a record at its place in the document."""
        entry, event = self.places[index]
        at = f"{_JOB}/{entry}/attributes"
        return place_of_event(problem, f"{at}/events/data/{event}", f"{at}/profile/data")


def read_events(document: Any, at: datetime) -> BulkEvents:
    """Return the records of a bulk document: at most 1,000 events, grouped by person.

    Raises Invalid if it has not the form of such a document at all, or too many events.
    """
    _data, attributes = read_resource(document, "event-bulk-create-job")
    entries = attributes.get("events-bulk-create")
    entries = entries.get("data") if isinstance(entries, dict) else None
    if not isinstance(entries, list) or not entries:
        refuse(_JOB, "required", "A list of one or more event-bulk-create resources is needed.")
    bulk = BulkEvents()
    count = 0
    for number, entry in enumerate(entries):
        try:
            person, events = _entry(entry)
        except Invalid as error:
            bulk.problems += (problem.under(f"{_JOB}/{number}") for problem in error.problems)
            continue
        count += len(events)
        if count > MOST_EVENTS:
            refuse(_JOB, "too_many", f"A bulk request holds at most {MOST_EVENTS:,} events.")
        for position, event in enumerate(events):
            try:
                _event_data, said = read_data(event, "event", "")
                record = _event(said, _BULK_EVENT, person, "/attributes", at)
            except Invalid as error:
                pointer = f"{_JOB}/{number}/attributes/events/data/{position}"
                bulk.problems += (problem.under(pointer) for problem in error.problems)
                continue
            bulk.records.append(record)
            bulk.places.append(_Place(number, position))
    return bulk


def _entry(entry: Any) -> tuple[ProfileRecord, list[Any]]:
    """The person of an entry, read once for all of the entry's events, and these."""
    _data, attributes = read_data(entry, "event-bulk-create", "")
    events = attributes.get("events")
    events = events.get("data") if isinstance(events, dict) else None
    if not isinstance(events, list) or not events:
        refuse("/attributes/events/data", "required", "A list of events is needed.")
    place = "/attributes/profile/data"
    person, said = read_resource(attributes.get("profile"), "profile", "/attributes/profile")
    record = _person(person, said, place)
    try:
        return read_profile(record), events
    except Invalid as error:
        raise Invalid(*(place_of_person(p, place) for p in error.problems)) from None
