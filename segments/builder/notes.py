"""The warnings at their places in the form: at most one at a row, one between two, and the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from segmenter.kernel.errors import Invalid
from segments.advice import Advice, Fix
from segments.builder.limits import check_drawable
from segments.builder.partial import CountablePart
from segments.builder.reports import Note, Report
from segments.definition.repairs import NothingLeft, Replacement


class Notes:
    """What was advised about the finished part of a partial definition."""

    def __init__(
        self, advice: Sequence[Advice], partial: Mapping[str, Any], done: CountablePart
    ) -> None:
        """`advice` begins with what is most important."""
        self._partial, self._done = partial, done
        self._advice: dict[tuple[bool, str], Advice] = {}
        self._whole: list[Advice] = []
        for each in advice:
            if not each.pointer:
                self._whole.append(each)
            else:
                self._advice.setdefault((each.is_joint, done.places[each.pointer]), each)

    def at(self, pointer: str) -> Note | None:
        """The note about a condition or a group."""
        return self._note_at(pointer, is_joint=False)

    def before(self, pointer: str) -> Note | None:
        """The note about what AND or OR joins before a part."""
        return self._note_at(pointer, is_joint=True)

    def of_the_whole(self, reports: Iterable[Report]) -> tuple[Note, ...]:
        """The notes about the whole, if it is finished, and about groups, which have no row."""
        groups = [report.note for report in reports if report.note and not report.is_row]
        whole = self._whole if self._done.is_whole else []
        return (*groups, *map(self._note, whole))

    def _note_at(self, pointer: str, *, is_joint: bool) -> Note | None:
        advice = self._advice.get((is_joint, pointer))
        return self._note(advice) if advice else None

    def _note(self, advice: Advice) -> Note:
        pointer = self._done.places[advice.pointer]
        definition = self._repaired(advice.fix) if advice.fix else ""
        return Note(
            advice.code,
            pointer,
            advice.sentence,
            advice.severity.name.lower(),
            advice.fix.label if advice.fix and definition else "",
            definition,
            advice.link,
        )

    def _repaired(self, fix: Fix) -> str:
        """JSON of the form's definition after a fix; empty if it cannot be made there."""
        try:
            definition = fix.repair.apply(self._partial, self._done.places.__getitem__)
            if not isinstance(fix.repair, Replacement):
                check_drawable(definition)
        except (Invalid, NothingLeft, KeyError):
            return ""
        return json.dumps(definition)
