"""What a request for resources may say in its address: pages, order, and which attributes.

Errors name the parameter. What can be filtered and sorted is said by each endpoint.
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
"""First letter of a cursor: which way it leads."""


def read_page(
    request: HttpRequest, rows: QuerySet[M], order: Order, *, size: int, most: int
) -> Page[M]:
    """Return the page of rows that the request asks for; `size` rows unless it says how many."""
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
    given = request.GET.get(SIZE, "")
    if not given:
        return size
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and 0 < int(given) <= most):
        refuse_parameter(SIZE, f"A page has 1 to {most} resources.")
    return int(given)


def _cursor(request: HttpRequest) -> str:
    """The cursor, also out of a whole address of a next page or with a leading sign."""
    given = request.GET.get(CURSOR, "")
    if "://" in given:
        given = unquote(given)
        given = given.partition(CURSOR)[2].partition("&")[0]
    return given.strip().lstrip("=")


def page_links(request: HttpRequest, page: Page[Any]) -> dict[str, str | None]:
    """The addresses of a page and its neighbours."""
    return {
        "self": request.build_absolute_uri(),
        "prev": _address(request, _BACKWARDS, page.before),
        "next": _address(request, _FORWARDS, page.after),
    }


def _address(request: HttpRequest, way: str, cursor: str) -> str | None:
    if not cursor:
        return None
    asked = [(name, v) for name, values in request.GET.lists() for v in values if name != CURSOR]
    query = urlencode([*asked, (CURSOR, way + cursor)])
    return f"{request.build_absolute_uri(request.path)}?{query}"


def read_order(request: HttpRequest, orders: Mapping[str, Order], default: str) -> Order:
    """The order that the request asks for: `sort=email`, or `sort=-email` for the reverse."""
    asked = request.GET.get(SORT, "") or default
    order = orders.get(asked.removeprefix("-"))
    if order is None:
        told = ", ".join(sorted(orders))
        refuse_parameter(SORT, f"It can be sorted by: {told}; with - before it, the other way.")
    return Order(order.field, descending=asked.startswith("-"), nullable=order.nullable)


@dataclass(frozen=True)
class Fields:
    """Which attributes of a type of resource are asked for."""

    only: frozenset[str] | None
    """Names, or paths as `location.city`; None for all that come by default."""
    additional: frozenset[str]

    def wants(self, name: str) -> bool:
        """Whether an additional attribute is asked for."""
        return name in self.additional or any(
            path.partition(".")[0] == name for path in self.only or ()
        )

    def of(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the attributes that are asked for."""
        if self.only is None:
            return dict(attributes)
        found: dict[str, Any] = {}
        for path in sorted(self.only):
            _copy(attributes, found, path.split("."))
        return found


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
    """What `fields[type]` and `additional-fields[type]` ask for."""
    known, additional = frozenset(known), frozenset(additional)
    only = _names(request, f"fields[{type_}]", known | additional)
    more = _names(request, f"additional-fields[{type_}]", additional)
    return Fields(only, more or frozenset())


def _names(request: HttpRequest, parameter: str, known: frozenset[str]) -> frozenset[str] | None:
    given = request.GET.get(parameter)
    if given is None:
        return None
    names = frozenset(name for name in map(str.strip, given.split(",")) if name)
    for name in names:
        if name.partition(".")[0] not in known:
            told = ", ".join(sorted(known))
            refuse_parameter(parameter, f"There is no {name[:60]!r}; there are: {told}.")
    return names


def read_include(request: HttpRequest, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Which related resources `include` asks for."""
    names = frozenset(filter(None, request.GET.get(INCLUDE, "").split(",")))
    if not names <= known:
        told = f"Can be included: {', '.join(sorted(known))}." if known else "Nothing can be."
        refuse_parameter(INCLUDE, told)
    return names
