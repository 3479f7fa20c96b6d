"""What a page tells of a visit in the body of a request: read, checked and limited.

Names that are not known are ignored; what is known and cannot be read is refused at its place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms_targeting.models import Device
from forms_targeting.visit import UTM_PARAMETERS, CartItem, Person, Visit
from segmenter.kernel.jsonapi import refuse

LONGEST_ADDRESS = 8_000
LONGEST_TEXT = 500
LONGEST_TOKEN = 4_000
LONGEST_LANGUAGE = 35
MOST_LANGUAGES = 20
MOST_ITEMS = 200
DEVICES = tuple(Device.values)
_Record = Mapping[str, Any]


@dataclass(frozen=True)
class VisitBody:
    """A visit as its page tells it, and what may prove who the visitor is."""

    page: _Record
    """Arguments of a Visit."""
    token: str
    signed: str
    """A JWT of the shop."""
    anonymous_id: str

    def visit(self, *, country: str, person: Person | None) -> Visit:
        return Visit(country=country, person=person, **self.page)


def read_visit_body(record: _Record, pointer: str) -> VisitBody:
    """Return what the attributes of a request say. Raises Invalid at the first fault."""
    languages = _languages(record.get("languages"), f"{pointer}/languages")
    page = {
        "url": _text(record, "url", pointer, LONGEST_ADDRESS),
        "referrer": _text(record, "referrer", pointer, LONGEST_ADDRESS),
        "languages": languages,
        "language": languages[0] if languages else "",
        "device": _device(record, pointer),
        "utm": _utm(record.get("utm"), f"{pointer}/utm"),
        **_cart(record.get("cart"), f"{pointer}/cart"),
    }
    return VisitBody(
        page=page,
        token=_text(record, "exchange_id", pointer, LONGEST_TOKEN),
        signed=_text(record, "jwt", pointer, LONGEST_TOKEN),
        anonymous_id=_text(record, "anonymous_id", pointer, LONGEST_TEXT),
    )


def _text(record: _Record, name: str, pointer: str, most: int = LONGEST_TEXT) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        refuse(f"{pointer}/{name}", "invalid", "A text is needed here.")
    if len(value) > most:
        refuse(f"{pointer}/{name}", "too_long", f"At most {most:,} characters fit here.")
    return value


def _number(record: _Record, name: str, pointer: str, default: float) -> float:
    value = record.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        refuse(f"{pointer}/{name}", "invalid", "A number is needed here.")
    return float(value)


def _object(value: Any, pointer: str) -> _Record:
    if not isinstance(value, dict):
        refuse(pointer, "invalid", "An object is needed here.")
    return value


def _list(value: Any, pointer: str, most: int) -> list[Any]:
    if not isinstance(value, list):
        refuse(pointer, "invalid", "A list is needed here.")
    if len(value) > most:
        refuse(pointer, "too_many", f"At most {most} entries fit here.")
    return value


def _languages(value: Any, pointer: str) -> tuple[str, ...]:
    if value is None:
        return ()
    entries = enumerate(_list(value, pointer, MOST_LANGUAGES))
    return tuple(_text({str(i): tag}, str(i), pointer, LONGEST_LANGUAGE) for i, tag in entries)


def _device(record: _Record, pointer: str) -> str:
    device = _text(record, "device", pointer)
    if device and device not in DEVICES:
        refuse(f"{pointer}/device", "invalid", f"A device is one of: {', '.join(DEVICES)}.")
    return device


def _utm(value: Any, pointer: str) -> dict[str, str]:
    if value is None:
        return {}
    record = _object(value, pointer)
    return {name: text for name in UTM_PARAMETERS if (text := _text(record, name, pointer)) != ""}


def _cart(value: Any, pointer: str) -> dict[str, Any]:
    if value is None:
        return {}
    record = _object(value, pointer)
    items = []
    entries = _list(record.get("items") or [], f"{pointer}/items", MOST_ITEMS)
    for index, entry in enumerate(entries):
        place = f"{pointer}/items/{index}"
        item = _object(entry, place)
        number = item.get("id")
        if isinstance(number, int) and not isinstance(number, bool):
            item = {**item, "id": str(number)}  # shops have numbers for ids
        items.append(
            CartItem(
                id=_text(item, "id", place),
                name=_text(item, "name", place),
                quantity=_number(item, "quantity", place, 1),
                value=_number(item, "value", place, 0),
            )
        )
    has_value = record.get("value") is not None
    return {
        "cart_value": _number(record, "value", pointer, 0) if has_value else None,
        "cart_items": tuple(items),
    }
