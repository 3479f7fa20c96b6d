"""Reads documents of requests as records of people and events, with pointers to problems.

Checks only the form of the document; `profiles.ingest.parse` checks the records. All problems of a
person or an event are reported, not only the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

from profiles.api.faults import MOST_FAULTS, read_whole
from profiles.ingest import parse
from profiles.ingest.parse import (
    LOCATION_FIELDS,
    TEXT_FIELDS,
    EventRecord,
    ProfileRecord,
    TimeRange,
    api_times,
    read_profile,
)
from profiles.models import IDENTIFIERS
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.jsonapi import (
    MOST_ERRORS,
    check_names,
    read_data,
    read_resource,
    refuse,
)

R = TypeVar("R")
NO_PROFILE = "The profile was not found."
"""The message for an unknown id, or one of another account."""
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
"""Sent by clients, and ignored."""
CURRENCY = "$currency_code"
"""The property of an event that holds `value_currency`."""
_JOB = "/data/attributes/events-bulk-create/data"


def read_person(
    document: Any, *, check_id: Callable[[str | None], None] = lambda id_: None
) -> ProfileRecord:
    """Return the person of a document with one profile.

    `check_id` is called with the document's id. Raises Invalid with all problems.
    """

    def read(document: Any) -> ProfileRecord:
        data, attributes = read_resource(document, "profile")
        check_id(data.get("id"))
        return _read_person(data, attributes, "/data")

    return read_whole(read, document)


def place_of_person(problem: Problem, pointer: str = "/data") -> Problem:
    """A problem with a profile's record at its place under the resource at `pointer`."""
    step = problem.pointer.split("/")[1] if problem.pointer else ""
    under = {"id": "", "patch_properties": "/meta"}.get(step, "/attributes")
    if problem.code == "not_found":
        problem = Problem(problem.pointer, problem.code, NO_PROFILE)
    return problem.under(pointer + under)


def _read_person(
    data: Mapping[str, Any], attributes: Mapping[str, Any], pointer: str
) -> ProfileRecord:
    record = _person(data, attributes, pointer)
    try:
        return read_profile(record)
    except Invalid as error:
        raise Invalid(*(place_of_person(p, pointer) for p in error.problems)) from None


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
        kind="member",
    )
    patch = meta.get("patch_properties")
    if isinstance(patch, dict):
        check_names(patch, _PATCHES, f"{pointer}/patch_properties", kind="patch")
    return {} if patch is None else {"patch_properties": patch}


def read_event(document: Any, at: datetime) -> EventRecord:
    """Return the event of a document with one event and its person.

    Raises Invalid with all problems.
    """
    times = api_times(at)

    def read(document: Any) -> EventRecord:
        _data, attributes = read_resource(document, "event")
        place = "/data/attributes/profile"
        person = _read_person(
            *read_resource(attributes.get("profile"), "profile", place), f"{place}/data"
        )
        return _read_event(attributes, _EVENT, person, "/data", at, times)

    return read_whole(read, document)


def place_of_event(problem: Problem, pointer: str = "/data", profile: str = "") -> Problem:
    """A problem with an event's record at its place under the resource at `pointer`.

    `profile` points to the person's resource, unless that is inside the event.
    """
    if problem.pointer.startswith("/profile"):
        inner = Problem(problem.pointer.removeprefix("/profile"), problem.code, problem.message)
        return place_of_person(inner, profile or f"{pointer}/attributes/profile/data")
    if problem.pointer == "/metric":
        return Problem(
            f"{pointer}/attributes/metric/data/attributes/name", problem.code, problem.message
        )
    return problem.under(f"{pointer}/attributes")


def _read_event(
    attributes: Mapping[str, Any],
    names: frozenset[str],
    person: ProfileRecord,
    pointer: str,
    at: datetime,
    times: TimeRange,
) -> EventRecord:
    record = _event(attributes, names, person, f"{pointer}/attributes", at)
    try:
        return parse.read_event(record, times)
    except Invalid as error:
        raise Invalid(*(place_of_event(p, pointer) for p in error.problems)) from None


def _event(
    attributes: Mapping[str, Any],
    names: frozenset[str],
    person: ProfileRecord,
    pointer: str,
    at: datetime,
) -> dict[str, Any]:
    if not attributes.keys() <= names:
        check_names(attributes, names, pointer)
    _metric, metric = read_resource(attributes.get("metric"), "metric", f"{pointer}/metric")
    time, unique_id = attributes.get("time"), attributes.get("unique_id")
    properties = attributes.get("properties")
    currency = attributes.get("value_currency")
    if currency is not None and (properties is None or isinstance(properties, dict)):
        if not isinstance(currency, str) or len(currency) > 10:
            refuse(f"{pointer}/value_currency", "invalid", "A currency is a text as USD.")
        properties = {CURRENCY: currency, **(properties or {})}
    return {
        "metric": metric.get("name"),
        "time": at if time is None else time,
        "value": attributes.get("value"),
        "unique_id": None if unique_id == "" else unique_id,
        "properties": properties,
        "profile": person,
    }


class _Place(NamedTuple):
    """The position of an event in a bulk document: entry, and event within it."""

    entry: int
    event: int


@dataclass
class BulkEvents:
    """The valid events of a bulk document, and the problems of the others."""

    records: list[EventRecord] = field(default_factory=list)
    places: list[_Place] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    """Number of events; an entry whose events cannot be counted is one."""

    def place(self, index: int, problem: Problem) -> Problem:
        """A problem with a record at its place in the document."""
        entry, event = self.places[index]
        at = f"{_JOB}/{entry}/attributes"
        return place_of_event(problem, f"{at}/events/data/{event}", f"{at}/profile/data")

    def read(self, pointer: str, read: Callable[[Any], R], part: Any) -> R | None:
        """The result of `read` for a part of the document; None, with problems added, if it fails.

        After MOST_ERRORS problems only the first of each part is added.
        """
        most = MOST_FAULTS if len(self.problems) < MOST_ERRORS else 1
        try:
            return read_whole(read, part, most=most)
        except Invalid as error:
            self.problems += (problem.under(pointer) for problem in error.problems)
            return None


def read_events(document: Any, at: datetime) -> BulkEvents:
    """Return the events of a bulk document: at most 1,000, grouped by person.

    Raises Invalid if the document is of another form, or has too many events.
    """
    _data, attributes = read_resource(document, "event-bulk-create-job")
    entries = attributes.get("events-bulk-create")
    entries = entries.get("data") if isinstance(entries, dict) else None
    if not isinstance(entries, list) or not entries:
        refuse(_JOB, "required", "A list of one or more event-bulk-create resources is needed.")
    bulk, times = BulkEvents(), api_times(at)
    for number, entry in enumerate(entries):
        pointer = f"{_JOB}/{number}"
        events = bulk.read(pointer, _events_of, entry)
        bulk.count += 1 if events is None else len(events)
        if bulk.count > MOST_EVENTS:
            refuse(_JOB, "too_many", f"A bulk request holds at most {MOST_EVENTS:,} events.")
        if events is None and not isinstance(entry, dict):
            continue
        person = bulk.read(pointer, _person_of, entry)
        read = partial(_bulk_event, person or _NOBODY, at, times)
        for position, event in enumerate(events or ()):
            record: EventRecord | None
            try:  # the fast path: nearly all events are valid
                record = read(event)
            except Invalid:
                record = bulk.read(f"{pointer}/attributes/events/data/{position}", read, event)
            if person is not None and record is not None:
                bulk.records.append(record)
                bulk.places.append(_Place(number, position))
    return bulk


_NOBODY = ProfileRecord(None, {})
"""Stands in for an invalid person, so that their events can be checked."""


def _events_of(entry: Any) -> list[Any]:
    _data, attributes = read_data(entry, "event-bulk-create", "")
    events = attributes.get("events")
    events = events.get("data") if isinstance(events, dict) else None
    if not isinstance(events, list) or not events:
        refuse("/attributes/events/data", "required", "A list of events is needed.")
    return events


def _person_of(entry: Any) -> ProfileRecord:
    """The person of an entry, read once for all of the entry's events."""
    _data, attributes = read_data(entry, "event-bulk-create", "")
    place = "/attributes/profile"
    return _read_person(
        *read_resource(attributes.get("profile"), "profile", place), f"{place}/data"
    )


def _bulk_event(person: ProfileRecord, at: datetime, times: TimeRange, event: Any) -> EventRecord:
    _data, attributes = read_data(event, "event", "")
    return _read_event(attributes, _BULK_EVENT, person, "", at, times)
