"""Bodies of requests: how much is read, unpacked, and taken as JSON. Knows no document's form.

Whatever a body holds, the outcome is a JSON value that the database can keep, or an error that
names the place.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from itertools import chain
from math import isfinite
from typing import Any

from django.http import HttpRequest

from segmenter.kernel.errors import Problem, TooLarge
from segmenter.kernel.json_limits import (
    MOST_KEY,
    MOST_LEVELS,
    TOO_DEEP,
    RepeatingObject,
    check,
    levels_of,
)
from segmenter.kernel.json_pointer import child
from segmenter.kernel.jsonapi import MEDIA_TYPE, ApiError, refuse

MOST_RATIO = 100
"""How many times larger than itself a compressed body may become."""
_FREE = 100_000
"""Bytes that a compressed body may become whatever the ratio."""
_PIECE = 65_536
_MEDIA_TYPES = frozenset({MEDIA_TYPE, "application/json"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]')


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
    bits, text with U+0000 or lone surrogates, more than MOST_LEVELS levels.
    """
    value = _plain(text)
    if value is not _UNSURE:
        return value
    try:
        value = _loads(text)
    except RecursionError:
        refuse(_too_deep(text), "too_deep", TOO_DEEP)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        refuse("", "invalid_json", f"The body is not JSON: {error.msg} ({place}).")
    check(value)
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
    keys = 0
    for depth, level in enumerate(levels_of(value), start=1):
        objects = [each for each in level if type(each) is dict]
        keys += sum(map(len, objects))
        longest = max(map(len, chain.from_iterable(objects)), default=0)
        if depth > MOST_LEVELS or longest > MOST_KEY:
            return _UNSURE
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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    repeating, keys = RepeatingObject(result), set[str]()
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


def _too_deep(text: str) -> str:
    """The pointer of the first value that lies too deep, in a text too deep to be parsed."""
    steps: list[str | int] = []
    pending = ""
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word in "[{":
            if len(steps) >= MOST_LEVELS:
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
    pointer = ""
    for step in steps:
        pointer = child(pointer, step[:MOST_KEY] if isinstance(step, str) else step)
    return pointer
