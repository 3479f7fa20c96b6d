"""What the endpoints of lists and of segments share: order, filters, pages, id and name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segmenter.kernel.filter_fields import FilterField, text, time
from segmenter.kernel.jsonapi import refuse
from segmenter.kernel.pagination import Order

GROUP_PAGE_SIZE = 10
"""Klaviyo's, which is also the largest."""
GROUP_ORDERS = {
    "id": Order("key"),
    "name": Order("name"),
    "created": Order("created"),
    "updated": Order("updated"),
}
GROUP_FILTERS: dict[str, FilterField] = {
    "id": text("key"),
    "name": text("name"),
    "created": time("created", ["greater-than"]),
    "updated": time("updated", ["greater-than"]),
}


def check_group_id(data: Mapping[str, Any], key: str | None, what: str) -> None:
    """Refuse an id other than `key`, or any id of a group that is new (`key` is None)."""
    if key is None and data.get("id") is not None:
        refuse("/data/id", "invalid", f"The id of a new {what} is given by the server.")
    if key is not None and data.get("id") != key:
        refuse("/data/id", "invalid", "The id must be the one in the address.")


def read_group_name(attributes: Mapping[str, Any], what: str, default: str | None = None) -> str:
    """Return the name that a document gives a group; `default` where it gives none."""
    name = attributes.get("name", default)
    if name is None:
        refuse("/data/attributes/name", "required", f"A {what} needs a name.")
    if not isinstance(name, str):
        refuse("/data/attributes/name", "invalid", "A name is a text.")
    return name
