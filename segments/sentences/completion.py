"""Completes conditions by what was marks_by_kind about them: negations, times and amounts.

What is of no use for a condition is a gap. So is a condition with numbers that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any as Json

from segments.lexicon.modify import modify
from segments.lexicon.query import Query
from segments.sentences.marks import Mark
from segments.sentences.pieces import IS_SET, ConditionPiece, TokenGap
from segments.sentences.reader import as_condition

Say = Callable[[Json], str]
"""A condition in words, for a choice."""
_SOME_NUMBER = {"type": "numeric", "operator": "equals", "value": 0}
_SOME_DATE = {"type": "date", "operator": "in-the-last", "quantity": 1, "unit": "day"}


def complete(piece: ConditionPiece, say: Say) -> list[TokenGap]:
    """Change the piece's condition by its marks; empty it if it cannot be completed."""
    marks = list(piece.marks)
    if piece.is_whole:
        return [TokenGap(mark.first, mark.last) for mark in marks]
    gaps: list[TokenGap] = []
    before = piece.fragment
    if piece.lacks_test and "filter" not in before:
        before = piece.fragment = _with_some_test(piece)
    by_kind: dict[str, Mark] = {}
    for mark in marks:
        if mark.kind in by_kind and mark.kind != "not":
            gaps.append(TokenGap(mark.first, mark.last))
        else:
            by_kind[mark.kind] = mark
    piece.is_negated = "not" in by_kind
    for _kind, mark in sorted(by_kind.items()):
        changed, uses = _change(piece.fragment, mark)
        if uses:
            piece.fragment = changed
        else:
            gaps.append(TokenGap(mark.first, mark.last))
    is_vague = not piece.is_name and _has_defaults(before, piece.fragment, by_kind)
    if is_vague or (piece.fragment.get("filter") is None and "filter" in piece.fragment):
        choice = say(piece.fragment)
        gaps.append(TokenGap(piece.first, piece.last, (choice,) if choice else ()))
        piece.fragment = {}
    elif as_condition(piece.fragment) is None:
        gaps.append(TokenGap(piece.first, piece.last))
        piece.fragment = {}
    return gaps


def _with_some_test(piece: ConditionPiece) -> dict[str, Json]:
    """A property with the kind of test that its marks are about; without any if there are none."""
    kinds = {mark.kind for mark in piece.marks}
    test: Json = None
    if "amount" in kinds:
        test = _SOME_NUMBER
    elif "time" in kinds:
        test = _SOME_DATE
    elif "not" in kinds:
        test = IS_SET
    return {**piece.fragment, "filter": test}


def _change(fragment: dict[str, Json], mark: Mark) -> tuple[dict[str, Json], int]:
    """The condition, changed by a mark, and whether that was possible."""
    value = mark.value
    if mark.kind == "not":
        return modify(fragment, Query("", (str(value),), is_negated=True))
    if mark.kind == "amount":
        if isinstance(value, tuple):
            return _put_range(fragment, value)
        return modify(fragment, Query("", (), amount=value))
    if value["operator"] == "within":
        test = fragment.get("filter") or {}
        is_yearly = test.get("operator") == "anniversary-next"
        is_ahead = is_yearly or test.get("operator") == "in-the-next"
        value = {**value, "operator": "in-the-next" if is_ahead else "in-the-last"}
    return modify(fragment, Query("", (), timeframe=value))


def share_times(pieces: Sequence[ConditionPiece]) -> None:
    """Give the time of "clicked or opened in the last 30 days" to both."""
    for before, piece in reversed(list(pairwise(pieces))):
        if piece.join != "or" or piece.is_strong or piece.has_pronoun:
            continue
        if piece.metric and before.metric and not any(m.kind == "time" for m in before.marks):
            before.marks += [mark for mark in piece.marks if mark.kind == "time"]


def _put_range(
    fragment: Mapping[str, Json], ends: tuple[float, float]
) -> tuple[dict[str, Json], int]:
    """The condition with a range of numbers, and whether it can have one."""
    start, end = (int(number) if number == int(number) else number for number in ends)
    test = {"type": "numeric", "operator": "between", "start": start, "end": end}
    kind = fragment.get("type")
    if kind == "profile-metric":
        return {**fragment, "measurement_filter": test}, 1
    has_number = (fragment.get("filter") or {}).get("type") == "numeric"
    return ({**fragment, "filter": test}, 1) if has_number else (dict(fragment), 0)


def _has_defaults(
    before: Mapping[str, Json], after: Mapping[str, Json], marks_by_kind: Mapping[str, object]
) -> bool:
    """Whether a condition has numbers that the lexicon chose and nobody wrote.

    At least once, once and never are no such numbers.
    """
    for path, number in _numbers(before):
        if path[0] == "measurement_filter" and number in (0, 1):
            continue
        is_time = path[-1] in {"quantity", "unit", "start", "end"} or "timeframe_filter" in path
        if ("time" if is_time else "amount") in marks_by_kind:
            continue
        if (path, number) in list(_numbers(after)):
            return True
    return False


def _numbers(value: Json, path: tuple[Json, ...] = ()) -> Iterator[tuple[tuple[Json, ...], float]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _numbers(item, (*path, name))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _numbers(item, (*path, i))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value
