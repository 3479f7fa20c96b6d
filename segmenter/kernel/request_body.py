"""Bodies of requests: how much is read, unpacked, and taken as JSON. Knows no document's form.

Whatever a body holds, the outcome is a JSON value that the database can keep, or an error that
names the place.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable
from itertools import chain
from math import inf, isfinite
from typing import Any, NamedTuple

from django.http import HttpRequest

from segmenter.kernel.errors import Invalid, Problem, TooLarge
from segmenter.kernel.jsonapi import MEDIA_TYPE, ApiError, refuse, token

MOST_DEPTH = 32
MOST_KEY = 1_000
"""Characters of an object's key, anywhere."""
MOST_RATIO = 100
"""How many times larger than itself a compressed body may become."""
_FREE = 100_000
"""Bytes that a compressed body may become whatever the ratio."""
_PIECE = 65_536
_MEDIA_TYPES = frozenset({MEDIA_TYPE, "application/json"})
_LEAST, _MOST = -(2**63), 2**63 - 1
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]')
_BAD_TEXT = "The text has a character that cannot be kept (U+0000 or half of a surrogate pair)."


def read_json(request: HttpRequest, *, limit: int) -> Any:
    """Return the JSON value of a request's body of at most `limit` bytes, also once unpacked.

    Raises ApiError (wrong media type or encoding, no length), TooLarge as soon as the limit is
    known to be passed, Invalid with the place of what cannot be read or kept.
    """
    media_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        message = f"The content type must be {MEDIA_TYPE} or application/json."
        raise ApiError(415, "unsupported_media_type", message)
    raw = _read(request, limit)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in {"gzip", "x-gzip"}:
        raw = _unpack(raw, limit)
    elif encoding not in {"", "identity"}:
        raise ApiError(415, "unsupported_media_type", "The content encoding must be gzip or none.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse("", "invalid_json", f"The body is not UTF-8: byte {error.start} cannot be read.")
    if not text.strip():
        refuse("", "required", "The body is empty; a JSON document is needed.")
    return parse(text)


def _too_large(limit: int) -> TooLarge:
    message = f"The body is larger than {limit:,} bytes, the most that is taken here."
    return TooLarge(Problem("", "too_large", message))


def _read(request: HttpRequest, limit: int) -> bytes:
    """The body's bytes; nothing of a body that announces too many, and no more than the limit."""
    environ = request.META
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        # Django takes a body without a length for empty; servers that end it say so.
        if not environ.get("wsgi.input_terminated"):
            raise ApiError(411, "length_required", "The body needs a Content-Length.")
        return _gather(environ["wsgi.input"].read, limit)
    announced = environ.get("CONTENT_LENGTH") or "0"
    if not announced.isascii() or not announced.isdecimal():
        raise ApiError(400, "invalid", "The Content-Length is not a number.")
    length = int(announced) if len(announced) < 19 else limit + 1
    if length > limit:
        raise _too_large(limit)
    raw = _gather(request.read, limit)
    if len(raw) < length:
        raise ApiError(400, "incomplete", "The body ended before its announced length.")
    return raw


def _gather(read: Callable[[int], bytes], limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := read(_PIECE):
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        pieces.append(piece)
    return b"".join(pieces)


def _unpack(raw: bytes, limit: int) -> bytes:
    """The content of one gzip member, unpacked no further than it may become large."""
    most = min(limit, max(_FREE, MOST_RATIO * len(raw)))
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(raw, most + 1)
    except zlib.error:
        refuse("", "invalid_encoding", "The body is not gzip.")
    if len(content) > limit:
        raise _too_large(limit)
    if len(content) > most:
        message = f"The body unpacks to more than {MOST_RATIO} times its size."
        raise TooLarge(Problem("", "too_large", message))
    if not unpacker.eof or unpacker.unused_data:
        refuse("", "invalid_encoding", "The body is not one whole gzip member.")
    return content


def parse(text: str) -> Any:
    """Return the JSON value of a text. Raises Invalid with the place of the first fault:

    broken JSON, a key twice in one object, a number that is not finite or an integer past 64
    bits, text with U+0000 or lone surrogates, more than MOST_DEPTH levels.
    """
    value = _plain(text)
    if value is not _UNSURE:
        return value
    try:
        value = _loads(text)
    except RecursionError:
        refuse(_too_deep(text), "too_deep", f"JSON is nested at most {MOST_DEPTH} deep.")
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        refuse("", "invalid_json", f"The body is not JSON: {error.msg} ({place}).")
    fault = _fault(value, MOST_DEPTH)
    if fault is not None:
        pointer = "".join(f"/{token(str(step))}" for step in reversed(fault.steps))
        raise Invalid(Problem(pointer, fault.code, fault.message))
    return value


def _plain(text: str) -> Any:
    """The JSON value of a text in which it is plain to see that nothing is wrong, or _UNSURE.

    Nearly all texts are so, and this takes a third of the time of looking at each value. A key
    is a quote before a colon: if there are no more of those than keys, no key occurs twice.
    """
    if _DOUBTFUL_ESCAPE.search(text) or _FAR_COLON.search(text):
        return _UNSURE
    if not text.isascii() and _SURROGATE.search(text):
        return _UNSURE
    try:
        value = json.loads(text, parse_int=_short, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return _UNSURE
    keys, depth = 0, 0
    level = [value] if type(value) is dict or type(value) is list else []
    while level:
        objects = [each for each in level if type(each) is dict]
        keys += sum(map(len, objects))
        depth += 1
        if depth > MOST_DEPTH or max(map(len, chain.from_iterable(objects)), default=0) > MOST_KEY:
            return _UNSURE
        level = [
            inner
            for each in level
            for inner in (each.values() if type(each) is dict else each)
            if type(inner) is dict or type(inner) is list
        ]
    return value if keys == text.count('":') else _UNSURE


_UNSURE = object()
_DOUBTFUL_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""U+0000, or what may be half of a pair."""
_FAR_COLON = re.compile(r'"[ \t\n\r]+:')
"""What may be a key that is not followed by its colon at once."""


def _short(digits: str) -> int:
    if len(digits) > _SURE_DIGITS:
        raise ValueError
    return int(digits)


def _finite(number: str) -> float:
    value = float(number)
    if not isfinite(value):
        raise ValueError
    return value


_SURE_DIGITS = 18
"""So many fit into 64 bits."""


class _Repeating(dict[str, Any]):
    """An object whose text has a key twice."""

    key = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    repeating, keys = _Repeating(result), set[str]()
    for key, _value in pairs:
        if key in keys:
            repeating.key = key
            break
        keys.add(key)
    return repeating


def _loads(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Thousands of digits, which Python does not convert: read again, slowly.
        return json.loads(text, object_pairs_hook=_object, parse_int=_integer)


def _integer(digits: str) -> int:
    return int(digits) if len(digits) < 30 else 2**64


class _Fault(NamedTuple):
    steps: list[str | int]
    """From the value outwards."""
    code: str
    message: str


def _fault(value: Any, depth: int) -> _Fault | None:
    """The first thing in a value that cannot be kept; it may be nested `depth` deep.

    Every value of every body passes here, so the common ones are let through in the loop.
    """
    kind = type(value)
    if kind is not dict and kind is not list:
        return _leaf_fault(value)
    if not depth:
        return _Fault([], "too_deep", f"JSON is nested at most {MOST_DEPTH} deep.")
    items: Iterable[tuple[str | int, Any]]
    if kind is dict:
        names = "".join(value)
        if not names.isascii() or "\0" in names or len(names) > MOST_KEY:
            fault = _name_fault(value)
            if fault is not None:
                return fault
        items = value.items()
    else:
        items = enumerate(value)
    for step, inner in items:
        kind = type(inner)
        if kind is str:
            if inner.isascii() and "\0" not in inner:
                continue
        elif kind is bool or inner is None or (kind is float and -inf < inner < inf):
            continue
        fault = _fault(inner, depth - 1)
        if fault is not None:
            fault.steps.append(step)
            return fault
    return None


def _leaf_fault(value: Any) -> _Fault | None:
    if isinstance(value, str):
        return _text_fault(value)
    if isinstance(value, float) and not isfinite(value):
        return _Fault([], "out_of_range", "The number must be finite.")
    if isinstance(value, int) and not _LEAST <= value <= _MOST:
        return _Fault([], "out_of_range", "The number does not fit into 64 bits.")
    if isinstance(value, _Repeating):
        return _Fault([value.key[:MOST_KEY]], "duplicate", "The key occurs twice.")
    return None


def _text_fault(text: str) -> _Fault | None:
    bad = "\0" in text or _SURROGATE.search(text) is not None
    return _Fault([], "invalid", _BAD_TEXT) if bad else None


def _name_fault(value: dict[str, Any]) -> _Fault | None:
    for name in value:
        if len(name) > MOST_KEY:
            message = f"A key has at most {MOST_KEY:,} characters, not {len(name):,}."
            return _Fault([], "too_long", message)
        fault = _text_fault(name)
        if fault is not None:
            return fault
    return None


def _too_deep(text: str) -> str:
    """The pointer of the first value that lies too deep, in a text too deep to be parsed."""
    steps: list[str | int] = []
    pending = ""
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word in "[{":
            if len(steps) >= MOST_DEPTH:
                break
            steps.append(0 if word == "[" else "")
        elif word in "]}":
            steps = steps[:-1]
        elif word == "," and steps and isinstance(steps[-1], int):
            steps[-1] += 1
        elif word == ":" and steps and isinstance(steps[-1], str):
            steps[-1] = json.loads(pending)
        else:
            pending = word
    return "".join(f"/{token(str(step)[:MOST_KEY])}" for step in steps)
