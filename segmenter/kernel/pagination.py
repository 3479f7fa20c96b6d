"""Keyset pagination: pages stay right while rows are added.

A cursor contains the values of the neighbouring page's last row; rows are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

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
    first: int = 0
    """The number of the first row among all, from 1; it may be off by the rows added since."""

    @property
    def last(self) -> int:
        """The number of the last row among all."""
        return self.first + len(self.rows) - 1

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
        rows = rows.filter(order._beyond(cursor.value, cursor.key, backwards=backwards))
    page_rows = list(rows.order_by(*order._sort(backwards=backwards))[: size + 1])
    more = len(page_rows) > size
    page_rows = page_rows[:size]
    if backwards:
        page_rows.reverse()
    if not page_rows:
        return Page([])
    has_before = more if backwards else cursor is not None
    has_after = True if backwards else more
    first = _first_number(cursor, len(page_rows), backwards=backwards) if has_before else 1
    last = first + len(page_rows) - 1
    return Page(
        page_rows,
        before=_write(order, page_rows[0], first) if has_before else "",
        after=_write(order, page_rows[-1], last) if has_after else "",
        first=first,
    )


class _Cursor(NamedTuple):
    """The row at the edge of the neighbouring page."""

    value: Any
    key: int
    number: int


def _first_number(cursor: _Cursor | None, size: int, *, backwards: bool) -> int:
    if cursor is None:
        return 1
    return max(cursor.number - size, 1) if backwards else cursor.number + 1


def _write(order: Order, row: Model, number: int) -> str:
    value = getattr(row, order.field)
    content = {"t": value.isoformat()} if isinstance(value, datetime) else {"v": value}
    return _signer.sign_object({**content, "k": row.pk, "o": order.field, "n": number})


def _read(order: Order, cursor: str) -> _Cursor | None:
    try:
        content = _signer.unsign_object(cursor)
    except (BadSignature, ValueError):
        return None
    if content["o"] != order.field:
        return None
    value = datetime.fromisoformat(content["t"]) if "t" in content else content["v"]
    return _Cursor(value, content["k"], content.get("n", 0))


def is_cursor(order: Order, cursor: str) -> bool:
    """Whether a text is a cursor of pages in this order."""
    return _read(order, cursor) is not None
