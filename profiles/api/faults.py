"""Everything that is wrong with a document, although reading it stops at the first fault.

What is at fault is taken out of a copy, and what is left is read again, until it can be read. So
what reads documents stays simple, and a document with nothing wrong is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.json_pointer import keys_of

R = TypeVar("R")
MOST_FAULTS = 20
"""Faults that are looked for in one document."""
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
"""A place among an event's attributes to what is put there: it cannot be read without these."""


def read_whole(read: Callable[[Any], R], document: Any, *, most: int = MOST_FAULTS) -> R:
    """Return what `read` makes of a document. Raises Invalid with up to `most` faults, if any.

    `read` raises Invalid with pointers into the document and must not change it.
    """
    try:
        return read(document)
    except Invalid as error:
        raise Invalid(*_faults(error.problems, read, document, most)) from None


def _faults(
    first: Sequence[Problem], read: Callable[[Any], Any], document: Any, most: int
) -> list[Problem]:
    found: dict[str, Problem] = {}
    """By pointer."""
    filled, emptied = set[str](), set[str]()
    """Pointers to what was put there, and to what was taken away."""
    new = first
    for _ in range(2 * most):
        try:
            for problem in new:
                pointer = problem.pointer
                if pointer in emptied:
                    return list(found.values())
                if not _follows(problem, found, emptied):
                    found.setdefault(pointer, problem)
                fill = _stand_in(problem) if pointer not in filled else None
                (emptied if fill is None else filled).add(pointer)
                document = _replaced(document, keys_of(pointer), fill)
            if len(found) < most:
                read(document)
            break
        except _NoPlace:
            break
        except Invalid as error:
            new = error.problems
    return list(found.values())[:most]


def _follows(problem: Problem, found: Iterable[str], emptied: Iterable[str]) -> bool:
    """Whether there is such a fault only because another one was taken out."""
    if any(problem.pointer.startswith(f"{pointer}/") for pointer in emptied):
        return True
    person = problem.pointer.rpartition("/")[0]
    return problem.code == "no_identifier" and any(p.startswith(f"{person}/") for p in found)


def _stand_in(problem: Problem) -> Any:
    if problem.code == "no_identifier":
        return _PERSON
    within = problem.pointer.removeprefix("/data").removeprefix("/attributes")
    return _STAND_INS.get(within)


class _NoPlace(Exception):
    """A pointer leads nowhere, or to the whole document."""


def _replaced(holder: Any, steps: Sequence[str], value: Any) -> Any:
    """A copy of `holder` with another value at a place, or with nothing there for None.

    Only what lies on the way is copied; an object there keeps what else it has.
    """
    if not steps:
        raise _NoPlace
    step, *rest = steps
    if isinstance(holder, list) and step.isdecimal() and int(step) < len(holder):
        items = list(holder)
        items[int(step)] = _replaced(items[int(step)], rest, value) if rest else value
        return items
    if not isinstance(holder, dict) or (step not in holder and (rest or value is None)):
        raise _NoPlace
    copy = dict(holder)
    if rest:
        copy[step] = _replaced(copy[step], rest, value)
    elif value is None:
        del copy[step]
    elif isinstance(value, dict) and isinstance(copy.get(step), dict):
        copy[step] = copy[step] | value
    else:
        copy[step] = value
    return copy
