"""Query parameters of collections: pages, order, and sparse fields.

Errors name the parameter. Each endpoint declares its filters and orders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote, urlencode

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from segmenter.kernel.jsonapi import refuse_parameter
from segmenter.kernel.pagination import Order, Page, is_cursor, page_of

M = TypeVar("M", bound=Model)
SIZE, CURSOR, SORT, INCLUDE = "page[size]", "page[cursor]", "sort", "include"
_FORWARDS, _BACKWARDS = "n", "p"
"""First letter of a cursor: its direction."""


def read_page(
    request: HttpRequest, rows: QuerySet[M], order: Order, *, size: int, most: int
) -> Page[M]:
    """Return the requested page of rows; the default size is `size`."""
    size = _size(request, size, most)
    cursor = _cursor(request)
    way, cursor = cursor[:1], cursor[1:]
    if not way:
        return page_of(rows, order, size=size)
    if way not in (_FORWARDS, _BACKWARDS) or not is_cursor(order, cursor):
        refuse_parameter(CURSOR, "It is not a cursor of this list in this order.")
    if way == _BACKWARDS:
        return page_of(rows, order, size=size, before=cursor)
    return page_of(rows, order, size=size, after=cursor)


def _size(request: HttpRequest, size: int, most: int) -> int:
    text = request.GET.get(SIZE, "")
    if not text:
        return size
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 0 < int(text) <= most):
        refuse_parameter(SIZE, f"A page has 1 to {most} resources.")
    return int(text)


def _cursor(request: HttpRequest) -> str:
    """The cursor, also from a whole URL of a next page or with a leading "="."""
    text = request.GET.get(CURSOR, "")
    if "://" in text:
        text = unquote(text)
        text = text.partition(CURSOR)[2].partition("&")[0]
    return text.strip().lstrip("=")


def page_links(request: HttpRequest, page: Page[Any]) -> dict[str, str | None]:
    """The URLs of a page and its neighbours."""
    return {
        "self": request.build_absolute_uri(),
        "prev": _address(request, _BACKWARDS, page.before),
        "next": _address(request, _FORWARDS, page.after),
    }


def _address(request: HttpRequest, way: str, cursor: str) -> str | None:
    if not cursor:
        return None
    parameters = [
        (name, v) for name, values in request.GET.lists() for v in values if name != CURSOR
    ]
    query = urlencode([*parameters, (CURSOR, way + cursor)])
    return f"{request.build_absolute_uri(request.path)}?{query}"


def read_order(request: HttpRequest, orders: Mapping[str, Order], default: str) -> Order:
    """The requested order: `sort=email`, or `sort=-email` for the reverse."""
    name = request.GET.get(SORT, "") or default
    order = orders.get(name.removeprefix("-"))
    if order is None:
        allowed = ", ".join(sorted(orders))
        refuse_parameter(SORT, f"It can be sorted by: {allowed}; with - before it, the other way.")
    return Order(order.field, descending=name.startswith("-"), nullable=order.nullable)


@dataclass(frozen=True)
class Fields:
    """The requested attributes of a type of resource."""

    only: frozenset[str] | None
    """Names, or paths such as `location.city`; None for the default attributes."""
    additional: frozenset[str]

    def wants(self, name: str) -> bool:
        """Whether an additional attribute is requested."""
        return name in self.additional or any(
            path.partition(".")[0] == name for path in self.only or ()
        )

    def of(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """The requested ones of the attributes."""
        if self.only is None:
            return dict(attributes)
        selection: dict[str, Any] = {}
        for path in sorted(self.only):
            _copy(attributes, selection, path.split("."))
        return selection


def _copy(source: Any, target: dict[str, Any], steps: list[str]) -> None:
    step, *rest = steps
    if not isinstance(source, Mapping) or step not in source:
        return
    if not rest or not isinstance(source[step], Mapping):
        target[step] = source[step]
    else:
        _copy(source[step], target.setdefault(step, {}), rest)


def read_fields(
    request: HttpRequest, type_: str, known: Iterable[str], additional: Iterable[str] = ()
) -> Fields:
    """Read `fields[type]` and `additional-fields[type]`."""
    known, additional = frozenset(known), frozenset(additional)
    only = _names(request, f"fields[{type_}]", known | additional)
    more = _names(request, f"additional-fields[{type_}]", additional)
    return Fields(only, more or frozenset())


def _names(request: HttpRequest, parameter: str, allowed: frozenset[str]) -> frozenset[str] | None:
    text = request.GET.get(parameter)
    if text is None:
        return None
    names = frozenset(name for name in map(str.strip, text.split(",")) if name)
    for name in names:
        if name.partition(".")[0] not in allowed:
            choices = ", ".join(sorted(allowed))
            refuse_parameter(parameter, f"There is no {name[:60]!r}; there are: {choices}.")
    return names


def read_include(request: HttpRequest, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """The related resources in `include`."""
    names = frozenset(filter(None, request.GET.get(INCLUDE, "").split(",")))
    if not names <= known:
        message = f"Can be included: {', '.join(sorted(known))}." if known else "Nothing can be."
        refuse_parameter(INCLUDE, message)
    return names
