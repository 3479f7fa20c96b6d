"""Clauses of the API's `filter` as conditions on rows: what each endpoint's fields accept.

An endpoint names its fields: `{"email": text("email", str.strip), "created": time("created")}`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NoReturn

from django.db.models import Q

from segmenter.kernel.filtering import Clause
from segmenter.kernel.jsonapi import refuse_parameter

LOOKUPS = {
    "greater-than": "gt",
    "greater-or-equal": "gte",
    "less-than": "lt",
    "less-or-equal": "lte",
}
MOST_VALUES = 500
"""Values of one `any`."""

FilterField = Callable[[Clause], Q]


def where(clauses: Iterable[Clause], fields: Mapping[str, FilterField], what: str) -> Q:
    """Return the condition that all clauses together state.

    `what` names the resources in the error for an unknown field ("People"). Raises ApiError.
    """
    condition = Q()
    for clause in clauses:
        field = fields.get(clause.field)
        if field is None:
            refuse_parameter("filter", f"{what} can be filtered by: {', '.join(fields)}.")
        condition &= field(clause)
    return condition


def text(column: str, clean: Callable[[str], str] = str) -> FilterField:
    """`equals` with a text and `any` with a list of texts; each is passed through `clean`."""

    def condition(clause: Clause) -> Q:
        return Q(**{f"{column}__in": [clean(value) for value in texts(clause)]})

    return condition


def texts(clause: Clause) -> list[str]:
    """Return the texts that `equals` or `any` names. Raises ApiError."""
    takes = "equals with a text, any with a list of texts"
    if clause.operator == "equals":
        values = [clause.value]
    elif clause.operator == "any" and isinstance(clause.value, list):
        values = clause.value
    else:
        refuse_clause(clause, takes)
    if len(values) > MOST_VALUES:
        refuse_parameter("filter", f"any takes at most {MOST_VALUES} values.")
    if not all(isinstance(value, str) for value in values):
        refuse_clause(clause, takes)
    return values


def time(column: str, operators: Collection[str] = tuple(LOOKUPS)) -> FilterField:
    """The given comparisons with a time."""

    def condition(clause: Clause) -> Q:
        if clause.operator not in operators or not isinstance(clause.value, datetime):
            refuse_clause(clause, f"{', '.join(operators)}, each with a time")
        return Q(**{f"{column}__{LOOKUPS[clause.operator]}": clause.value})

    return condition


def truth(column: str, *, takes_any: bool = False) -> FilterField:
    """`equals` with true or false; with `takes_any` also `any` with a list of them."""

    def condition(clause: Clause) -> Q:
        values: list[Any] = [clause.value]
        if takes_any and clause.operator == "any" and isinstance(clause.value, list):
            values = clause.value
        elif clause.operator != "equals":
            values = []
        if not values or not all(isinstance(value, bool) for value in values):
            also = ", any with a list of them" if takes_any else ""
            refuse_clause(clause, f"equals with true or false{also}")
        return Q(**{f"{column}__in": values})

    return condition


def refuse_clause(clause: Clause, takes: str) -> NoReturn:
    """Raise a 400 that says what a field takes."""
    refuse_parameter("filter", f"{clause.field} takes {takes}.")
