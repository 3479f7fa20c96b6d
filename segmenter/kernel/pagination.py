"""Pages of a table that stay right while rows are added: each begins where another ended.

A page is found by the values of its neighbour's row, not by counting rows from the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import F, Model, Q, QuerySet

M = TypeVar("M", bound=Model)
_signer = Signer(salt="segmenter.kernel.pagination")


@dataclass(frozen=True)
class Order:
    """By which field rows are sorted; ties by primary key in the same direction, unset last."""

    field: str
    descending: bool = False
    nullable: bool = False

    def _sort(self, *, backwards: bool) -> list[Any]:
        descending = self.descending != backwards
        if not self.nullable:
            sign = "-" if descending else ""
            return [f"{sign}{self.field}", f"{sign}pk"]
        column, key = F(self.field), F("pk")
        unset: dict[str, Any] = {"nulls_first" if backwards else "nulls_last": True}
        if descending:
            return [column.desc(**unset), key.desc()]
        return [column.asc(**unset), key.asc()]

    def _beyond(self, value: Any, pk: int, *, backwards: bool) -> Q:
        """What comes after a row with this value and key (before it, when backwards)."""
        than = "lt" if self.descending != backwards else "gt"
        ties = Q(**{f"pk__{than}": pk})
        unset = Q(**{f"{self.field}__isnull": True})
        if value is None:
            return ~unset | (unset & ties) if backwards else unset & ties
        beyond = Q(**{f"{self.field}__{than}": value}) | (Q(**{self.field: value}) & ties)
        if self.nullable:
            return beyond if backwards else beyond | unset
        # Says nothing new, but lets the database begin in the middle of its index.
        return Q(**{f"{self.field}__{than}e": value}) & beyond


@dataclass(frozen=True)
class Page(Generic[M]):
    """Some rows in order, and the cursors of the pages around them; "" where there is none."""

    rows: list[M]
    before: str = ""
    after: str = ""

    def __bool__(self) -> bool:
        return bool(self.rows)


def page_of(
    rows: QuerySet[M], order: Order, *, size: int, after: str = "", before: str = ""
) -> Page[M]:
    """Return at most `size` rows after or before a cursor, else the first ones.

    A cursor that is not ours, or of another order, means the first page.
    """
    cursor = _read(order, before or after)
    backwards = bool(before) and cursor is not None
    if cursor is not None:
        rows = rows.filter(order._beyond(*cursor, backwards=backwards))
    found = list(rows.order_by(*order._sort(backwards=backwards))[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([])
    has_before = more if backwards else cursor is not None
    has_after = True if backwards else more
    return Page(
        found,
        before=_write(order, found[0]) if has_before else "",
        after=_write(order, found[-1]) if has_after else "",
    )


def _write(order: Order, row: Model) -> str:
    value = getattr(row, order.field)
    said = {"t": value.isoformat()} if isinstance(value, datetime) else {"v": value}
    return _signer.sign_object({**said, "k": row.pk, "o": order.field})


def _read(order: Order, cursor: str) -> tuple[Any, int] | None:
    try:
        said = _signer.unsign_object(cursor)
    except (BadSignature, ValueError):
        return None
    if said["o"] != order.field:
        return None
    return datetime.fromisoformat(said["t"]) if "t" in said else said["v"], said["k"]


def is_cursor(order: Order, cursor: str) -> bool:
    """Whether a text is a cursor of pages in this order, for those who would rather refuse."""
    return _read(order, cursor) is not None
