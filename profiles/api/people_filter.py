"""Which people a filter of the API means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from profiles.ingest.identifiers import plain_address
from segmenter.kernel.filtering import Clause
from segmenter.kernel.jsonapi import refuse_parameter

_LOOKUPS = {
    "greater-than": "gt",
    "greater-or-equal": "gte",
    "less-than": "lt",
    "less-or-equal": "lte",
}
MOST_VALUES = 500
"""Values of one `any`."""


def people_where(clauses: Iterable[Clause]) -> Q:
    """Return the condition on profiles that all clauses together say. Raises ApiError."""
    where = Q()
    for clause in clauses:
        field = _FIELDS.get(clause.field)
        if field is None:
            told = ", ".join(_FIELDS)
            refuse_parameter("filter", f"People can be filtered by: {told}.")
        where &= field(clause)
    return where


def _text(clean: Callable[[str], str]) -> Callable[[Clause], Q]:
    def where(clause: Clause) -> Q:
        if clause.operator == "equals":
            values = [clause.value]
        elif clause.operator == "any" and isinstance(clause.value, list):
            values = clause.value
        else:
            _refuse(clause, "equals with a text, any with a list of texts")
        if len(values) > MOST_VALUES:
            refuse_parameter("filter", f"any takes at most {MOST_VALUES} values.")
        if not all(isinstance(value, str) for value in values):
            _refuse(clause, "equals with a text, any with a list of texts")
        return Q(**{f"{clause.field}__in": [clean(value) for value in values]})

    return where


def _id(clause: Clause) -> Q:
    where = _text(str.strip)(clause)
    ((_lookup, values),) = where.children  # type: ignore[misc]
    return Q(pk__in=[int(v) for v in values if v.isascii() and v.isdecimal() and len(v) <= 18])


def _time(clause: Clause) -> Q:
    if clause.operator not in _LOOKUPS or not isinstance(clause.value, datetime):
        _refuse(clause, f"{', '.join(_LOOKUPS)}, each with a time")
    return Q(**{f"{clause.field}__{_LOOKUPS[clause.operator]}": clause.value})


def _refuse(clause: Clause, takes: str) -> Any:
    refuse_parameter("filter", f"{clause.field} takes {takes}.")


def _phone(value: str) -> str:
    """A phone number whose plus sign arrived as a space."""
    return "+" + value.strip() if value.startswith(" ") else value.strip()


_FIELDS: dict[str, Callable[[Clause], Q]] = {
    "id": _id,
    "email": _text(plain_address),
    "phone_number": _text(_phone),
    "external_id": _text(str.strip),
    "anonymous_id": _text(str.strip),
    "created": _time,
    "updated": _time,
}
