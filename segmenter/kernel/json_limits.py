"""What a JSON value may hold to be stored: how deep, how large, which texts and numbers.

Every door for JSON checks with this: bodies of requests, properties in files, definitions. Nothing
here recurses, so a value of any depth can be checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from math import inf
from sys import maxsize
from typing import Any, NoReturn

from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.json_pointer import child
from segmenter.kernel.storable_text import is_storable

MOST_LEVELS = 32
"""Objects and lists inside one another, the outermost included."""
MOST_KEY = 1_000
"""Characters of an object's key."""
LEAST_INTEGER, MOST_INTEGER = -(2**63), 2**63 - 1
TOO_DEEP = f"JSON is nested at most {MOST_LEVELS} deep."
UNSTORABLE = "The text has a character that cannot be kept (U+0000 or half of a surrogate pair)."


class RepeatingObject(dict[str, Any]):
    """An object whose text has a key twice, which `check` refuses."""

    key = ""


def levels_of(document: Any) -> Iterator[list[Any]]:
    """The objects and lists of a document, level by level from the outermost."""
    level = [document] if type(document) is dict or type(document) is list else []
    while level:
        yield level
        level = [
            inner
            for each in level
            for inner in (each.values() if type(each) is dict else each)
            if type(inner) is dict or type(inner) is list
        ]


def is_deeper(document: Any, levels: int) -> bool:
    """Whether a document has more levels than that."""
    return next(islice(levels_of(document), levels, None), None) is not None


def check(
    value: Any, pointer: str = "", *, levels: int = MOST_LEVELS, most_text: int = maxsize
) -> int:
    """Check that a value can be stored, and return about how many characters it has as JSON.

    `levels` is how deep it may be nested, `most_text` how long a text may be, keys aside. Raises
    Invalid with the place of the first fault; the value lies at `pointer`.
    """
    if not isinstance(value, _CONTAINERS):
        return _check_leaf(value, [], pointer, most_text)
    keys: list[str | int] = []
    """On the way to the container whose members are read."""
    size, members = _enter(value, levels, keys, pointer)
    ways = [members]
    while ways:
        for key, inner in ways[-1]:
            kind = type(inner)
            if kind is str and inner.isascii() and "\0" not in inner and len(inner) <= most_text:
                size += len(inner) + 2
            elif (kind is int and LEAST_INTEGER <= inner <= MOST_INTEGER) or (
                kind is float and -inf < inner < inf
            ):
                size += 8
            elif kind is bool or inner is None:
                size += 4
            elif kind is dict or kind is list or isinstance(inner, _CONTAINERS):
                keys.append(key)
                more, members = _enter(inner, levels - len(ways), keys, pointer)
                size += more
                ways.append(members)
                break
            else:
                size += _check_leaf(inner, [*keys, key], pointer, most_text)
        else:
            ways.pop()
            del keys[-1:]
    return size


_CONTAINERS = (dict, list, tuple, Mapping)


def _enter(
    value: Any, levels: int, keys: list[str | int], pointer: str
) -> tuple[int, Iterator[tuple[str | int, Any]]]:
    """The size of a container without its values, and the keys or indexes with their values."""
    if type(value) is RepeatingObject:
        _refuse([*keys, value.key[:MOST_KEY]], pointer, "duplicate", "The key occurs twice.")
    if levels <= 0:
        _refuse(keys, pointer, "too_deep", TOO_DEEP)
    if not isinstance(value, Mapping):
        return 2, enumerate(value)
    if not _are_plain(value):
        for key in value:
            if not isinstance(key, str) or len(key) > MOST_KEY or not is_storable(key):
                _refuse_key(key, keys, pointer)
    return 2 + sum(map(len, value)), iter(value.items())


def _are_plain(keys: Iterable[Any]) -> bool:
    """Whether all keys together are so short and plain that none need be looked at."""
    try:
        text = "".join(keys)
    except TypeError:
        return False
    return len(text) <= MOST_KEY and text.isascii() and "\0" not in text


def _refuse_key(key: Any, keys: list[str | int], pointer: str) -> NoReturn:
    if not isinstance(key, str):
        _refuse(keys, pointer, "invalid", f"{type(key).__name__} is not a key of JSON.")
    if len(key) > MOST_KEY:
        message = f"A key has at most {MOST_KEY:,} characters, not {len(key):,}."
        _refuse(keys, pointer, "too_long", message)
    _refuse(keys, pointer, "invalid", UNSTORABLE)


def _check_leaf(value: Any, keys: list[str | int], pointer: str, most_text: int) -> int:
    if isinstance(value, str):
        if len(value) > most_text:
            message = f"The text has {len(value)} characters; at most {most_text} fit."
            _refuse(keys, pointer, "too_long", message)
        if not is_storable(value):
            _refuse(keys, pointer, "invalid", UNSTORABLE)
        return len(value) + 2
    if value is None or isinstance(value, bool):
        return 4
    if isinstance(value, int):
        if not LEAST_INTEGER <= value <= MOST_INTEGER:
            _refuse(keys, pointer, "out_of_range", "The number does not fit into 64 bits.")
        return 8
    if isinstance(value, float):
        if not -inf < value < inf:
            _refuse(keys, pointer, "out_of_range", "The number must be finite.")
        return 8
    _refuse(keys, pointer, "invalid", f"{type(value).__name__} is not JSON.")


def _refuse(keys: list[str | int], pointer: str, code: str, message: str) -> NoReturn:
    for key in keys:
        pointer = child(pointer, key)
    raise Invalid(Problem(pointer, code, message))
