"""Joins the conditions of a text with AND and OR.

A list of values is one condition. Where "and" and "or" could be meant in two ways, the rest is a
gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any as Json

from segments.sentences.pieces import ConditionPiece, is_kind_of_value, merge, negate

TokenSpan = tuple[int, int, tuple[str, ...]]


def join_pieces(pieces: Sequence[ConditionPiece]) -> tuple[dict[str, Json] | None, list[TokenSpan]]:
    """The definition of some conditions, and what of them is left out."""
    if not pieces:
        return None, []
    _spread_or(pieces)
    groups: list[list[dict[str, Json]]] = []
    gaps: list[TokenSpan] = []
    last: ConditionPiece | None = None
    has_weak_and = False
    for piece in pieces:
        if last is not None and _is_nor(last, piece):
            last.fragment = merge(last, piece)
            groups[-1][-1] = last.fragment
            continue
        continues = last is not None and _continues(last, piece)
        if last is not None and continues and piece.join == "or":
            if last.is_negated:
                piece.fragment, piece.is_negated = negate(piece.fragment), True
            last.fragment = merge(last, piece)
            groups[-1][-1] = last.fragment
            continue
        if last is not None and continues and piece.join == "and" and _is_doubtful(last, piece):
            gaps.append((piece.first, piece.last, ()))
            continue
        if piece.join == "or" and groups:
            if has_weak_and and not piece.is_strong:
                gaps.append((piece.first, piece.last, ()))
                continue
            if last is not None and last.is_negated and not piece.is_negated:
                gaps.append((piece.first, piece.last, ()))
                continue
            groups[-1].append(piece.fragment)
        else:
            has_weak_and = bool(groups) and not piece.is_strong
            groups.append([piece.fragment])
        last = piece
    return {"condition_groups": [{"conditions": group} for group in groups]}, gaps


def _spread_or(pieces: Sequence[ConditionPiece]) -> None:
    """ "Sweden, Norway or Denmark": the commas of a list mean what its last word says."""
    for i in range(len(pieces) - 1, 1, -1):
        piece, before = pieces[i], pieces[i - 1]
        is_listed = is_kind_of_value(piece) and is_kind_of_value(before)
        is_comma = before.is_strong and before.join == "and"
        is_same = before.subject is not None and before.subject == pieces[i - 2].subject
        if piece.join == "or" and is_comma and is_listed and is_same:
            before.join = "or"


def _continues(last: ConditionPiece, piece: ConditionPiece) -> bool:
    """Whether a piece is the next item of a list that the last one is in."""
    return (
        last.subject is not None
        and last.subject == piece.subject
        and is_kind_of_value(piece)
        and not last.is_whole
    )


def _is_nor(last: ConditionPiece, piece: ConditionPiece) -> bool:
    """Whether "nor" makes a piece the next item of a negated list that the last one is in."""
    is_same = last.subject is not None and last.subject == piece.subject
    is_item = piece.is_nor and piece.is_name and not last.is_whole
    return is_same and is_item and last.is_negated and piece.is_negated


def _is_doubtful(last: ConditionPiece, piece: ConditionPiece) -> bool:
    """Whether "and" between two values may mean "or", or may continue a negation."""
    return last.is_negated or ("filter" in piece.fragment and not piece.is_strong)
