"""Keyset pagination: pages stay right while rows are added.

A cursor contains the values of the neighbouring page's last row; rows are not counted.
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
    """The order of rows: a field, ties by primary key in the same direction, null last."""

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
        """Rows after a row with this value and key (before it, if backwards)."""
        than = "lt" if self.descending != backwards else "gt"
        ties = Q(**{f"pk__{than}": pk})
        unset = Q(**{f"{self.field}__isnull": True})
        if value is None:
            return ~unset | (unset & ties) if backwards else unset & ties
        beyond = Q(**{f"{self.field}__{than}": value}) | (Q(**{self.field: value}) & ties)
        if self.nullable:
            return beyond if backwards else beyond | unset
        # Redundant, but lets the database start in the middle of its index.
        return Q(**{f"{self.field}__{than}e": value}) & beyond


@dataclass(frozen=True)
class Page(Generic[M]):
    """Some rows in order, and the cursors of the neighbouring pages; "" if there is none."""

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
    page_rows = list(rows.order_by(*order._sort(backwards=backwards))[: size + 1])
    more = len(page_rows) > size
    page_rows = page_rows[:size]
    if backwards:
        page_rows.reverse()
    if not page_rows:
        return Page([])
    has_before = more if backwards else cursor is not None
    has_after = True if backwards else more
    return Page(
        page_rows,
        before=_write(order, page_rows[0]) if has_before else "",
        after=_write(order, page_rows[-1]) if has_after else "",
    )


def _write(order: Order, row: Model) -> str:
    value = getattr(row, order.field)
    content = {"t": value.isoformat()} if isinstance(value, datetime) else {"v": value}
    return _signer.sign_object({**content, "k": row.pk, "o": order.field})


def _read(order: Order, cursor: str) -> tuple[Any, int] | None:
    try:
        content = _signer.unsign_object(cursor)
    except (BadSignature, ValueError):
        return None
    if content["o"] != order.field:
        return None
    return datetime.fromisoformat(content["t"]) if "t" in content else content["v"], content["k"]


def is_cursor(order: Order, cursor: str) -> bool:
    """Whether a text is a cursor of pages in this order."""
    return _read(order, cursor) is not None
