"""Finds all faults of a document, although a reader stops at the first one.

The fault is removed from a copy of the document, which is read again until no fault is left. So
readers stay simple, and a valid document is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.json_pointer import keys_of

R = TypeVar("R")
MOST_FAULTS = 20
"""Faults that are reported for one document."""
_METRIC = {"name": "Stand-in"}
_PERSON = {"anonymous_id": "Stand-in"}
_STAND_INS: dict[str, Any] = {
    "/metric": {"data": {"type": "metric", "attributes": _METRIC}},
    "/metric/data": {"type": "metric", "attributes": _METRIC},
    "/metric/data/type": "metric",
    "/metric/data/attributes": _METRIC,
    "/metric/data/attributes/name": "Stand-in",
    "/profile": {"data": {"type": "profile", "attributes": _PERSON}},
    "/profile/data": {"type": "profile", "attributes": _PERSON},
    "/profile/data/type": "profile",
    "/profile/data/attributes": _PERSON,
}
"""Required members of an event's attributes, and valid values that replace invalid ones."""


def read_whole(read: Callable[[Any], R], document: Any, *, most: int = MOST_FAULTS) -> R:
    """Return the result of `read` for a document. Raises Invalid with up to `most` faults.

    `read` raises Invalid with pointers into the document and must not change it.
    """
    try:
        return read(document)
    except Invalid as error:
        raise Invalid(*_faults(error.problems, read, document, most)) from None


def _faults(
    first: Sequence[Problem], read: Callable[[Any], Any], document: Any, most: int
) -> list[Problem]:
    faults: dict[str, Problem] = {}
    """By pointer."""
    replaced, removed = set[str](), set[str]()
    """Pointers to values that were replaced, and to those that were removed."""
    new = first
    for _ in range(2 * most):
        try:
            for problem in new:
                pointer = problem.pointer
                if pointer in removed:
                    return list(faults.values())
                if not _follows(problem, faults, removed):
                    faults.setdefault(pointer, problem)
                fill = _stand_in(problem) if pointer not in replaced else None
                (removed if fill is None else replaced).add(pointer)
                document = _replace(document, keys_of(pointer), fill)
            if len(faults) < most:
                read(document)
            break
        except _NoPlace:
            break
        except Invalid as error:
            new = error.problems
    return list(faults.values())[:most]


def _follows(problem: Problem, faults: Iterable[str], removed: Iterable[str]) -> bool:
    """Whether the fault is only a consequence of another one's removal."""
    if any(problem.pointer.startswith(f"{pointer}/") for pointer in removed):
        return True
    person = problem.pointer.rpartition("/")[0]
    return problem.code == "no_identifier" and any(p.startswith(f"{person}/") for p in faults)


def _stand_in(problem: Problem) -> Any:
    if problem.code == "no_identifier":
        return _PERSON
    within = problem.pointer.removeprefix("/data").removeprefix("/attributes")
    return _STAND_INS.get(within)


class _NoPlace(Exception):
    """The pointer's target does not exist, or is the whole document."""


def _replace(holder: Any, steps: Sequence[str], value: Any) -> Any:
    """A copy of `holder` with another value at a place, or without it for None.

    Only the containers on the path are copied. An object at the place is merged with the value.
    """
    if not steps:
        raise _NoPlace
    step, *rest = steps
    if isinstance(holder, list) and step.isdecimal() and int(step) < len(holder):
        items = list(holder)
        items[int(step)] = _replace(items[int(step)], rest, value) if rest else value
        return items
    if not isinstance(holder, dict) or (step not in holder and (rest or value is None)):
        raise _NoPlace
    copy = dict(holder)
    if rest:
        copy[step] = _replace(copy[step], rest, value)
    elif value is None:
        del copy[step]
    elif isinstance(value, dict) and isinstance(copy.get(step), dict):
        copy[step] = copy[step] | value
    else:
        copy[step] = value
    return copy
