"""The API's `filter` parameter: `equals(email,"a@example.com"),greater-than(created,2026-01-01)`.

Only parses the text into clauses; each endpoint declares its fields.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from segmenter.kernel.errors import Invalid
from segmenter.kernel.jsonapi import refuse_parameter
from segmenter.kernel.request_body import parse

OPERATORS = frozenset(
    {
        *("any", "contains", "contains-all", "contains-any", "ends-with", "equals", "has"),
        *("greater-or-equal", "greater-than", "less-or-equal", "less-than", "starts-with"),
    }
)
MOST_TEXT = 20_000
"""Most characters of a filter."""
_MOST_DEPTH = 8
_NAME = re.compile(r"\s*([A-Za-z_$][\w.$-]*)\s*")
_VALUE = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')|(?P<bare>[^\s,()\[\]"'][^,()\[\]"']*))\s*"""
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(?:T.*)?")


@dataclass(frozen=True)
class Clause:
    """One comparison. `value` is a text, number, boolean, datetime, None, or a list of these."""

    operator: str
    field: str
    value: Any = None


def parse_filter(text: str) -> list[Clause]:
    """Return the clauses of a filter, all of which must hold; none for an empty text.

    Texts are in double or single quotes, times without quotes, as the official clients write them.
    Raises ApiError that names the parameter.
    """
    if len(text) > MOST_TEXT:
        _refuse(f"it has more than {MOST_TEXT:,} characters")
    text = text.rstrip()
    if not text:
        return []
    reader = _Reader(text)
    clauses = reader.clauses(0)
    if reader.at < len(text):
        _refuse(f"{text[reader.at : reader.at + 20]!r} cannot be read", reader.at)
    return clauses


def _refuse(why: str, at: int | None = None) -> NoReturn:
    place = "" if at is None else f" at character {at + 1}"
    refuse_parameter("filter", f"The filter is not well-formed{place}: {why}.")


class _Reader:
    """A recursive-descent parser of filters; `at` is its position."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def clauses(self, depth: int) -> list[Clause]:
        clauses_read = self.clause(depth)
        while self.sees(","):
            clauses_read += self.clause(depth)
        return clauses_read

    def clause(self, depth: int) -> list[Clause]:
        operator = self.name("an operator")
        if operator == "and":
            if depth >= _MOST_DEPTH:
                _refuse("it is nested too deep", self.at)
            self.expect("(")
            inner = self.clauses(depth + 1)
            self.expect(")")
            return inner
        if operator not in OPERATORS:
            _refuse(f"there is no operator {operator!r}", self.at)
        self.expect("(")
        field = self.name("a field")
        value = None
        if operator != "has":
            self.expect(",")
            value = self.value()
        self.expect(")")
        return [Clause(operator, field, value)]

    def name(self, expected: str) -> str:
        match = _NAME.match(self.text, self.at)
        if match is None:
            _refuse(f"{expected} is needed", self.at)
        self.at = match.end()
        return match[1]

    def value(self) -> Any:
        if not self.sees("["):
            return self.single()
        if self.sees("]"):
            return []
        values = [self.single()]
        while self.sees(","):
            values.append(self.single())
        self.expect("]")
        return values

    def single(self) -> Any:
        match = _VALUE.match(self.text, self.at)
        if match is None:
            _refuse("a value is needed", self.at)
        start, self.at = self.at, match.end()
        return _quoted(match["text"], start) if match["text"] else _bare(match["bare"], start)

    def sees(self, mark: str) -> bool:
        """Step over a mark if it is next."""
        at = self.at
        while at < len(self.text) and self.text[at].isspace():
            at += 1
        if not self.text.startswith(mark, at):
            return False
        self.at = at + 1
        return True

    def expect(self, mark: str) -> None:
        if not self.sees(mark):
            _refuse(f"{mark!r} is needed", self.at)


def _quoted(text: str, at: int) -> str:
    if text[0] == "'":
        inner = text[1:-1].replace("\\'", "'").replace('"', '\\"')
        text = f'"{inner}"'
    try:
        value = parse(text)
    except Invalid as error:
        _refuse(error.problems[0].message.rstrip("."), at)
    return str(value)


def _bare(text: str, at: int) -> Any:
    text = text.strip()
    if text in {"true", "True", "false", "False", "null", "None"}:
        return json.loads(text.lower().replace("none", "null"))
    if _NUMBER.fullmatch(text):
        return _number(text, at)
    if _TIME.fullmatch(text):
        return _time(text, at)
    _refuse(f"{text[:40]!r} is no value; texts are in quotes", at)


def _number(text: str, at: int) -> Any:
    try:
        return parse(text)
    except Invalid as error:
        _refuse(error.problems[0].message.rstrip("."), at)


def _time(text: str, at: int) -> datetime:
    try:
        # An unescaped plus sign of a zone arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        _refuse(f"{text[:40]!r} is no time as 2026-03-01T14:00:00Z", at)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
