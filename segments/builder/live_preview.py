"""What a partial definition would give: counts for each of its parts, and what is still missing.

Ties the finished part's preview back to the places of the form.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext

from profiles.columns.population import UnknownKey
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segments.advice import advice_on, inspect
from segments.builder.checks import check, fix_of
from segments.builder.edits.spots import resolve
from segments.builder.form_data import form_name
from segments.builder.forms import ROOT, labels, standing_for
from segments.builder.messages import message_of
from segments.builder.notes import Notes
from segments.builder.partial import MISSING, CountablePart, countable_part, owner_of
from segments.builder.reports import Fault, Note, Report
from segments.definition.describe import describe
from segments.definition.tree import Unsupported
from segments.engine.preview import Preview
from segments.engine.vocabulary import Catalog


@dataclass(frozen=True)
class LivePreview:
    """What the panel and the rows show."""

    countable_part: CountablePart
    reports: Mapping[str, Report]
    """Pointer of a row or group to its report."""
    preview: Preview | None = None
    sentence: str = ""
    people: list[Profile] = field(default_factory=list)
    wrong: tuple[str, ...] = ()
    """Messages about the whole definition."""
    notes: tuple[Note, ...] = ()
    """Warnings about the whole definition."""
    warnings: int = 0
    """How many warnings stand at the rows."""

    @property
    def percent(self) -> str:
        """The share of everyone, with one decimal."""
        share = self.preview.share if self.preview else 0.0
        return number_format(round(share * 100, 1), 1)

    @property
    def milliseconds(self) -> int:
        return round(self.preview.milliseconds) if self.preview else 0

    @property
    def unfinished(self) -> int:
        """How many conditions are left out of the count for not being finished."""
        problems = (p for p in self.countable_part.problems if not p.pointer.endswith("/type"))
        return len({owner_of(p.pointer) for p in problems} - {""})


def look(account: Account, partial: Mapping[str, Any], at: datetime, key: str = "") -> LivePreview:
    """Count what is finished of a partial definition of the segment `key` (empty for a new one)."""
    catalog = Catalog(account)
    done = countable_part(partial, lambda definition: check(account, definition, key))
    messages, result, sentence = [], None, ""
    notes = Notes((), partial, done)
    if done.tree is not None:
        sentence = describe(done.tree, catalog)
        try:
            inspection = inspect(account, done.tree, at, catalog, key)
            result = inspection.preview
            notes = Notes(advice_on(inspection), partial, done)
        except (UnknownKey, Unsupported):
            messages.append(gettext("Something that is asked for here is gone. Reload the page."))
    whole = [p for p in done.problems if not owner_of(p.pointer) and p.code != "empty"]
    messages += [message_of(partial, p) for p in whole]
    reports = dict(_reports(partial, done, result, catalog, notes))
    people = _people(account, result.members) if result else []
    return LivePreview(
        done,
        reports,
        result,
        sentence,
        people,
        tuple(messages),
        notes.of_the_whole(reports.values()),
        sum(
            note is not None and note.level != "hint"
            for each in reports.values()
            for note in (each.note, each.joint)
        ),
    )


def _people(account: Account, ids: list[int]) -> list[Profile]:
    rows = Profile.objects.filter(account=account).in_bulk(ids)
    return [rows[each] for each in ids if each in rows]


def _reports(
    partial: Mapping[str, Any],
    done: CountablePart,
    result: Preview | None,
    catalog: Catalog,
    notes: Notes,
) -> Iterator[tuple[str, Report]]:
    counts = {done.places[at]: n for at, n in result.nodes.items()} if result else {}
    wrong: dict[str, list[Problem]] = {}
    for problem in done.problems:
        wrong.setdefault(owner_of(problem.pointer), []).append(problem)
    for pointer, inner, value in _places(partial, "", ""):
        problems = wrong.get(pointer, [])
        names, stand_ins = _labels(partial, pointer, catalog) if problems else ({}, {})
        yield (
            pointer,
            Report(
                pointer,
                inner,
                counts.get(pointer),
                result.total if result else 0,
                notes.at(inner) or notes.at(pointer),
                notes.before(pointer),
                tuple(dict(_missing(problems, names, stand_ins)).items()),
                tuple(_fault(partial, p) for p in problems if p.code not in MISSING),
                is_row=pointer.rpartition("/")[0].endswith("/conditions"),
                is_counted=bool(pointer and value),
            ),
        )


def _fault(partial: Mapping[str, Any], problem: Problem) -> Fault:
    name, message = form_name(problem.pointer), message_of(partial, problem)
    try:
        fix = fix_of(problem, resolve(partial, problem.pointer.rpartition("/")[0]))
    except Invalid:
        fix = None
    if fix is None:
        return Fault(name, message)
    return Fault(name, message, fix.words, fix.pointer, json.dumps(dict(fix.sets)))


def _missing(
    problems: list[Problem], names: Mapping[str, str], stand_ins: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for problem in problems:
        if problem.code in MISSING:
            pointer = stand_ins.get(problem.pointer, problem.pointer)
            yield form_name(pointer), names.get(pointer) or gettext("a condition")


def _places(value: Any, pointer: str, inner: str) -> Iterator[tuple[str, str, Any]]:
    """(pointer, inner pointer, what lies there) of the whole, every group and every member."""
    while isinstance(value, Mapping) and "not" in value:
        value, inner = value["not"], f"{inner}/not"
    yield pointer, inner, value
    if not isinstance(value, Mapping):
        return
    for name in (ROOT, "conditions"):
        items = value.get(name)
        for i, item in enumerate(items if isinstance(items, list) else ()):
            yield from _places(item, f"{inner}/{name}/{i}", f"{inner}/{name}/{i}")


def _labels(
    partial: Mapping[str, Any], pointer: str, catalog: Catalog
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    try:
        condition = resolve(partial, pointer)
    except Invalid:
        return {}, {}
    return labels(condition, pointer, catalog), standing_for(condition, pointer)
