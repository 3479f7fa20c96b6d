"""Several definitions in one file: writing it, and making their segments in an account.

A file says `{"segments": [{"name", "definition", "tags", "is_starred"}, ...]}`. The segments may
refer to one another in any order. Either all that were picked are made, or none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from profiles.models import Property
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import ApplicationError, Invalid, Problem
from segmenter.kernel.request_body import parse
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.paths import parse_path
from segments.engine.editing import save_segment
from segments.engine.queries import Inventory, free_name, resolve_names
from segments.engine.tags import read_tags, set_tags
from segments.models import Segment
from segments.sharing.portable import MOST_TEXT, portable

MOST_SEGMENTS = 500
"""Segments of one file."""


@dataclass(frozen=True)
class FileEntry:
    """One segment of a file, and what becomes of it in an account."""

    place: int
    name: str
    definition: Any
    tags: tuple[str, ...] = ()
    is_starred: bool = False
    new_name: str = ""
    """What it will be called: another name than in the file if that is taken."""
    sentence: str = ""
    problems: tuple[str, ...] = ()
    """Why it cannot be made; empty if it can."""
    unknown_properties: tuple[str, ...] = ()
    """Properties that nobody in the account has: the conditions about them match nobody."""

    @property
    def is_renamed(self) -> bool:
        return bool(self.new_name) and self.new_name != self.name


def write_collection(segments: Sequence[Segment]) -> dict[str, Any]:
    """Return the content of a file of segments. Raises Conflict (see `portable`)."""
    entries = []
    for segment in segments:
        tags = sorted(tag.name for tag in segment.tags.all())
        entries.append({**portable(segment), "tags": tags, "is_starred": segment.is_starred})
    return {"segments": entries}


def read_collection(text: str) -> list[FileEntry]:
    """Return the segments of a file's text, also of one that holds a single one. Raises Invalid."""
    if len(text) > MOST_TEXT:
        raise Invalid(Problem("", "too_large", _("This is too large for a file of segments.")))
    content = parse(text.removeprefix("\ufeff"))
    rows = content.get("segments", [content]) if isinstance(content, Mapping) else None
    if not isinstance(rows, list) or not rows:
        raise Invalid(Problem("/segments", "required", _("There is no segment in this file.")))
    if len(rows) > MOST_SEGMENTS:
        message = _("A file has at most %(most)d segments.") % {"most": MOST_SEGMENTS}
        raise Invalid(Problem("/segments", "too_many", message))
    return [_entry(place, row) for place, row in enumerate(rows)]


def is_collection(text: str) -> bool:
    """Whether a text is a file of several segments, however wrong it is otherwise."""
    try:
        content = parse(text.removeprefix("\ufeff"))
    except ApplicationError:
        return False
    return isinstance(content, Mapping) and "segments" in content


def _entry(place: int, row: Any) -> FileEntry:
    name = row.get("name") if isinstance(row, Mapping) else None
    if not isinstance(row, Mapping) or not isinstance(name, str) or not name.strip():
        message = _("Segment %(number)d has no name.") % {"number": place + 1}
        raise Invalid(Problem(f"/segments/{place}/name", "required", message))
    tags = row.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        message = _("The tags of segment %(number)d are not texts.") % {"number": place + 1}
        raise Invalid(Problem(f"/segments/{place}/tags", "invalid", message))
    clean = " ".join(name.replace("\0", "").split())[:200]
    texts = tuple(tag.replace("\0", "") for tag in tags)
    return FileEntry(place, clean, row.get("definition"), texts, row.get("is_starred") is True)


def preview_collection(
    account: Account, entries: Sequence[FileEntry], at: datetime
) -> list[FileEntry]:
    """What would become of the entries. They are made and taken back: nothing is saved."""
    with transaction.atomic():
        outcome, _segments = _make_all(account, None, entries, at)
        transaction.set_rollback(True)
    return outcome


def import_collection(
    account: Account,
    user: User | None,
    entries: Sequence[FileEntry],
    places: Collection[int],
    at: datetime,
) -> tuple[list[FileEntry], list[Segment]]:
    """Make the segments at some places of a file, all or none.

    Returns what became of these entries; with problems in one of them, no segments.
    """
    choices = [entry for entry in entries if entry.place in places]
    with transaction.atomic():
        outcome, segments = _make_all(account, user, choices, at)
        if any(entry.problems for entry in outcome):
            transaction.set_rollback(True)
            segments = []
    return outcome, segments


def _make_all(
    account: Account, user: User | None, entries: Sequence[FileEntry], at: datetime
) -> tuple[list[FileEntry], list[Segment]]:
    """Make segments, those first that others refer to."""
    waiting, outcome, segments = list(entries), [], []
    new_names: dict[str, str] = {}
    while waiting:
        rest: list[FileEntry] = []
        for entry in waiting:
            others = {other.name for other in waiting if other is not entry}
            if _groups(entry.definition) & others:
                rest.append(entry)
                continue
            result, segment = _make(account, user, entry, new_names, at)
            outcome.append(result)
            if segment is not None:
                segments.append(segment)
                new_names[entry.name] = segment.name
        if len(rest) == len(waiting):  # they refer to one another: each says what it lacks
            outcome += [_make(account, user, entry, new_names, at)[0] for entry in rest]
            break
        waiting = rest
    return sorted(outcome, key=lambda entry: entry.place), segments


def _make(
    account: Account,
    user: User | None,
    entry: FileEntry,
    new_names: Mapping[str, str],
    at: datetime,
) -> tuple[FileEntry, Segment | None]:
    new_name = free_name(account, entry.name)
    entry = replace(entry, new_name=new_name)
    try:
        tags = read_tags(entry.tags)
        definition = resolve_names(account, _with_new_names(entry.definition, new_names))
        with transaction.atomic():
            segment = save_segment(
                account=account,
                user=user,
                name=new_name,
                definition=definition,
                is_starred=entry.is_starred,
                at=at,
            )
            set_tags(account=account, segment=segment, names=tags)
    except ApplicationError as error:
        messages = dict.fromkeys(problem.message for problem in error.problems)
        return replace(entry, problems=tuple(messages)), None
    tree = decode(segment.definition)
    return (
        replace(
            entry,
            sentence=describe(tree, Inventory(account)),
            unknown_properties=tuple(unknown_properties(account, segment.definition)),
        ),
        segment,
    )


def _with_new_names(value: Any, new_names: Mapping[str, str]) -> Any:
    """A definition whose references to segments of the file follow their new names."""
    if isinstance(value, list):
        return [_with_new_names(item, new_names) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: [new_names.get(group, group) if isinstance(group, str) else group for group in item]
        if name == "groups" and isinstance(item, list)
        else _with_new_names(item, new_names)
        for name, item in value.items()
    }


def _groups(value: Any) -> set[str]:
    """The names of lists and segments in a definition of a file."""
    if isinstance(value, list):
        return set().union(*map(_groups, value))
    if not isinstance(value, dict):
        return set()
    names = value.get("groups")
    here = {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()
    return here.union(*map(_groups, value.values()))


def unknown_properties(account: Account, definition: Any) -> list[str]:
    """Properties in a definition that nobody in the account has, by name."""
    names = set(_properties(definition))
    known = Property.objects.filter(account=account, name__in=names)
    return sorted(names - set(known.values_list("name", flat=True)))


def _properties(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _properties(item)
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "property" and isinstance(item, str):
                path = parse_path(item)
                if path is None:
                    yield item
                elif path.custom:
                    yield path.name
            else:
                yield from _properties(item)
