"""Completes conditions by what was marks_by_kind about them: negations, times and amounts.

What is of no use for a condition is a gap. So is a condition with numbers that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any as Json

from segments.lexicon.modify import OPPOSITE, SHARES, as_share, can_negate, modify
from segments.lexicon.query import Query, word_set
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
    has_test = "filter" in piece.fragment and not piece.metric
    for _kind, mark in sorted(
        by_kind.items(), key=lambda one: (has_test and one[0] == "not", one[0])
    ):
        if mark.kind == "not" and piece.metric and "amount" in by_kind:
            changed, uses = _not_so_many(piece.fragment, mark, by_kind["amount"])
        elif mark.kind == "not" and has_test and len(by_kind) > 1:
            is_clear = can_negate(piece.fragment["filter"])
            changed, uses = _change(piece.fragment, mark) if is_clear else ({}, 0)
        else:
            changed, uses = _change(piece.fragment, mark)
        if uses:
            piece.fragment = changed
        else:
            gaps.append(TokenGap(mark.first, mark.last))
        if mark.kind == "not" and not uses:
            gaps.append(TokenGap(piece.first, piece.last))
            piece.fragment = {}
            return gaps
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


def _not_so_many(
    fragment: Mapping[str, Json], negation: Mark, amount: Mark
) -> tuple[dict[str, Json], int]:
    """A condition on events with the opposite of its number, and whether it is clear.

    "No orders over 500" is about each order: nothing can say that.
    """
    test = fragment["measurement_filter"]
    is_times = getattr(amount.value, "unit", "") == "times"
    is_of_each = negation.value in _NO and not is_times
    if is_of_each or test["operator"] not in OPPOSITE:
        return dict(fragment), 0
    test = {**test, "operator": OPPOSITE[test["operator"]]}
    return {**fragment, "measurement_filter": test}, 1


_NO = word_set("no without ingen inga inget utan bez brak zaden zadnego zadnych except excluding")
"""Negations of the noun that follows."""


def share_times(pieces: Sequence[ConditionPiece]) -> None:
    """Give the time of "clicked or opened in the last 30 days" to both."""
    for before, piece in reversed(list(pairwise(pieces))):
        is_or = piece.join == "or" and not piece.is_strong
        if not (is_or or piece.is_nor) or piece.has_pronoun:
            continue
        if piece.metric and before.metric and not any(m.kind == "time" for m in before.marks):
            before.marks += [mark for mark in piece.marks if mark.kind == "time"]


def clear_nor(pieces: Sequence[ConditionPiece]) -> list[TokenGap]:
    """Empty what "nor" joins if it is not clear that both are negated with the same time."""
    gaps = []
    for before, piece in pairwise(pieces):
        if not piece.is_nor or not piece.fragment:
            continue
        kinds = [{mark.kind for mark in each.marks} & _SHARED for each in (before, piece)]
        is_same = kinds[0] == kinds[1] and kinds[1] <= {"time"}
        is_about_events = bool(before.metric or piece.metric)
        if not (before.is_negated and piece.is_negated) or (is_about_events and not is_same):
            gaps.append(TokenGap(piece.first, piece.last))
            piece.fragment = {}
    return gaps


_SHARED = {"time", "amount"}


def _put_range(
    fragment: Mapping[str, Json], ends: tuple[float, float, str]
) -> tuple[dict[str, Json], int]:
    """The condition with a range of numbers, and whether it can have one."""
    start, end = (int(number) if number == int(number) else number for number in ends[:2])
    if fragment.get("dimension") in SHARES:
        unit = "percent" if end > 1 else ends[2]
        start, end = as_share(start, unit), as_share(end, unit)
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
