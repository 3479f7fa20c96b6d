"""A submission as a page sends it: read from the request's document.

What the visitor can correct is refused at its place; what only the page's script says about itself
(page, device, UTM) is cut and cleaned, since nobody could correct it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from forms_targeting.engine.circumstances import MOST_ADDRESS, short_text
from forms_targeting.engine.visitors import LONGEST_JWT
from forms_targeting.models import Device
from profiles.columns.instants import parse_iso
from segmenter.kernel.jsonapi import refuse

ATTRIBUTES = "/data/attributes"
OLDEST = timedelta(days=30)
"""A submission that waited for a connection keeps its time if it is not older than this."""
UTM_NAMES = ("source", "medium", "campaign", "term", "content")
_MOST_UTM = 200
_MOST_INPUTS = 200


@dataclass(frozen=True)
class Submission:
    """One submission of one step, before it is checked against the form."""

    key: UUID
    view: UUID | None
    step_id: str
    values: Mapping[str, Any]
    consents: Mapping[str, Any]
    language: str
    page: str
    device: str
    anonymous_id: str
    exchange_id: str
    """The visitor token of whom the page knows, or ""."""
    jwt: str
    """What the shop's server signed about its signed-in customer, or ""."""
    utm: Mapping[str, str]
    first_utm: Mapping[str, str]
    website: str
    """An input that people do not see: only programs fill it in."""
    elapsed_ms: float | None
    """How long the form was open, as the page says."""
    time: datetime | None
    """When it was submitted, if it was sent later."""


def read_submission(attributes: Mapping[str, Any], *, at: datetime) -> Submission:
    """Return the submission that a document's attributes say. Raises Invalid with a pointer."""
    elapsed = attributes.get("elapsed_ms")
    is_number = isinstance(elapsed, int | float) and not isinstance(elapsed, bool)
    first_utm = read_utm(attributes.get("first_utm"))
    utm = read_utm(attributes.get("utm"))
    return Submission(
        key=read_key(attributes, "submission_id"),
        view=read_key(attributes, "view_id") if attributes.get("view_id") else None,
        step_id=short_text(attributes.get("step_id"), 40),
        values=_inputs(attributes, "values"),
        consents=_inputs(attributes, "consents"),
        language=short_text(attributes.get("language"), 20),
        page=short_text(attributes.get("page"), MOST_ADDRESS),
        device=read_device(attributes),
        anonymous_id=short_text(attributes.get("anonymous_id"), 200),
        exchange_id=short_text(attributes.get("exchange_id"), MOST_ADDRESS),
        jwt=short_text(attributes.get("jwt"), LONGEST_JWT),
        utm=utm,
        first_utm=first_utm or utm,
        website=short_text(attributes.get("website"), 200),
        elapsed_ms=elapsed if is_number else None,
        time=_time(attributes.get("time"), at),
    )


def read_key(attributes: Mapping[str, Any], name: str) -> UUID:
    """Return a key that the page made. Raises Invalid."""
    value = attributes.get(name)
    try:
        return UUID(value) if isinstance(value, str) else UUID(int=-1)
    except ValueError:
        refuse(f"{ATTRIBUTES}/{name}", "invalid", "A UUID is needed here.")


def read_device(attributes: Mapping[str, Any]) -> str:
    """Return the kind of device; a computer where the page says none that exists."""
    device = attributes.get("device")
    return device if device in Device.values else Device.DESKTOP.value


def read_utm(value: Any) -> dict[str, str]:
    """Return the UTM parameters that have a value."""
    if not isinstance(value, Mapping):
        return {}
    texts = {name: short_text(value.get(name), _MOST_UTM) for name in UTM_NAMES}
    return {name: text for name, text in texts.items() if text}


def _inputs(attributes: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = attributes.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping) or len(value) > _MOST_INPUTS:
        refuse(f"{ATTRIBUTES}/{name}", "invalid", "An object of inputs is needed here.")
    return value


def _time(value: Any, at: datetime) -> datetime | None:
    """When a submission was made that is sent late; None if it is now, or cannot be so."""
    moment = parse_iso(value.strip()) if isinstance(value, str) else None
    if moment is None or moment.tzinfo is None:
        return None
    try:
        return moment if at - OLDEST <= moment < at else None
    except OverflowError:
        return None
