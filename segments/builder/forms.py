"""A definition as the builder's form, and the form as a definition as far as it goes.

Both are walks over the tree and the declared fields. What a partial definition lacks is left out;
whether it is a definition is for the codec to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.translation import gettext

from segments.builder.form_data import MARK, FormNode, form_name, parse
from segments.builder.inputs import Desk, Input, InputPlace, read_structure, show_structure
from segments.builder.kinds.base import builder_kind_of
from segments.builder.limits import check_drawable
from segments.builder.offers import Phrase
from segments.builder.reports import Report
from segments.definition.tree import kinds
from segments.engine.vocabulary import Catalog

ROOT = "condition_groups"
NESTED = "nested"
"""The mark of a nested definition, which may have no groups yet."""
GROUP = "group"
"""The mark of a group, which may have no conditions yet."""
BLANK = "blank"
"""The mark of a condition that is still to be chosen."""

Partial = dict[str, Any]


def new_group() -> Partial:
    return {"conditions": [{}]}


# --- the form as a definition --------------------------------------------------------------------


def read(data: Mapping[str, str]) -> Partial:
    """The partial definition in a form. Raises Invalid for one that is too large.

    Everything that is read can be drawn.
    """
    partial = _read_definition(parse(data, ROOT))
    check_drawable(partial)
    return partial


def _read_definition(node: FormNode) -> Partial:
    return {"condition_groups": [_read_group(each) for each in node.part(ROOT).items]}


def _read_group(node: FormNode) -> Partial:
    return {"conditions": [_read_member(each) for each in node.part("conditions").items]}


def _read_member(node: FormNode) -> Partial:
    if "not" in node.parts:
        return {"not": _read_member(node.part("not"))}
    if node.mark == NESTED or ROOT in node.parts:
        return _read_definition(node)
    kind = node.part("type").text
    if not kind:
        return {}
    return {"type": kind, **(read_structure(kinds[kind], node) if kind in kinds else {})}


# --- a definition as the form --------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A member of a group. `inner` is where it lies inside the `not`s around it."""

    pointer: str
    inner: str
    report: Report | None = None

    @property
    def id(self) -> str:
        return form_name(self.pointer)

    @property
    def name(self) -> str:
        return form_name(self.inner)

    @property
    def nots(self) -> int:
        """How many times it is negated."""
        return (len(self.inner) - len(self.pointer)) // len("/not")

    @property
    def marks(self) -> Iterator[tuple[str, str]]:
        """(name, text) of what the form sends to say that the row is there."""
        return iter(())


@dataclass(frozen=True)
class BlankRow(Row):
    """A condition that is still to be chosen, or one of an unknown kind."""

    kind: str = ""
    template = "segments/builder/_blank.html"

    @property
    def marks(self) -> Iterator[tuple[str, str]]:
        if self.kind:
            yield f"{self.name}-type", self.kind
        else:
            yield self.name + MARK, BLANK


@dataclass(frozen=True)
class ChosenPhrases:
    """A choice of phrases, and the one that fits."""

    phrases: tuple[Phrase, ...]
    chosen: Phrase | None


@dataclass(frozen=True)
class ConditionRow(Row):
    """A condition with its inputs."""

    kind: str = ""
    title: str = ""
    icon: str = ""
    unsupported: str = ""
    body: str = ""
    """The template that lays out the inputs."""
    inputs: Mapping[str, Input] = field(default_factory=dict)
    phrases: Mapping[str, ChosenPhrases] = field(default_factory=dict)
    template = "segments/builder/_condition.html"

    @property
    def marks(self) -> Iterator[tuple[str, str]]:
        yield f"{self.name}-type", self.kind


@dataclass(frozen=True)
class GroupRow:
    """A group: members joined by OR."""

    pointer: str
    members: tuple[Row, ...]
    report: Report | None = None

    @property
    def id(self) -> str:
        return form_name(self.pointer)

    @property
    def mark(self) -> tuple[str, str]:
        return form_name(self.pointer) + MARK, GROUP


@dataclass(frozen=True)
class NestedRow(Row):
    """A definition: groups joined by AND. The whole one has an empty pointer."""

    groups: tuple[GroupRow, ...] = ()
    template = "segments/builder/_nested.html"

    @property
    def marks(self) -> Iterator[tuple[str, str]]:
        if self.pointer:
            yield self.name + MARK, NESTED


def show(
    partial: Mapping[str, Any],
    catalog: Catalog,
    reports: Mapping[str, Report] | None = None,
    today: date | None = None,
) -> NestedRow:
    """The rows of a definition as far as it goes; what is no definition at all shows as blank.

    `today` in the account's zone: ranges of days are offered as of it.
    """
    return _Showing(catalog, reports or {}, today).definition(partial, "", "")


@dataclass(frozen=True)
class _Showing:
    catalog: Catalog
    reports: Mapping[str, Report]
    today: date | None = None

    def definition(self, partial: Any, pointer: str, inner: str) -> NestedRow:
        groups = tuple(
            GroupRow(at, tuple(self._members(group, at)), self.reports.get(at))
            for i, group in enumerate(_list(partial, ROOT))
            for at in [f"{inner}/{ROOT}/{i}"]
        )
        return NestedRow(pointer, inner, self.reports.get(pointer), groups)

    def _members(self, group: Any, pointer: str) -> Iterator[Row]:
        for i, member in enumerate(_list(group, "conditions")):
            yield self.member(member, f"{pointer}/conditions/{i}")

    def member(self, member: Any, pointer: str) -> Row:
        inner, report = pointer, self.reports.get(pointer)
        while isinstance(member, Mapping) and "not" in member:
            member, inner = member["not"], f"{inner}/not"
        if not isinstance(member, Mapping):
            return BlankRow(pointer, inner, report)
        if ROOT in member:
            return self.definition(member, pointer, inner)
        kind = member.get("type")
        if not isinstance(kind, str) or kind not in kinds:
            return BlankRow(pointer, inner, report, kind=str(kind or ""))
        cls, offer = kinds[kind], builder_kind_of(kind).offer(member)
        place = InputPlace(Desk(self.catalog, offer, inner, self.today), inner)
        return ConditionRow(
            pointer,
            inner,
            report,
            kind,
            gettext(cls.title),
            cls.icon,
            gettext(cls.unsupported) if cls.unsupported else "",
            _layout(kind),
            show_structure(cls, member, place),
            {name: _chosen_phrase(phrases, member) for name, phrases in offer.phrases.items()},
        )


@cache
def _layout(kind: str) -> str:
    """The template made for a kind, or the one that lays out any."""
    file = f"segments/builder/kinds/{kind}.html"
    try:
        get_template(file)
    except TemplateDoesNotExist:
        return "segments/builder/kinds/_any.html"
    return file


def _chosen_phrase(phrases: tuple[Phrase, ...], member: Mapping[str, Any]) -> ChosenPhrases:
    """The longest of the phrases that fit is chosen."""
    fitting = [phrase for phrase in phrases if phrase.holds(member)]
    return ChosenPhrases(phrases, max(fitting, key=lambda p: len(str(p.says)), default=None))


def labels(partial: Any, pointer: str, catalog: Catalog) -> dict[str, str]:
    """Pointer to label of every input of the condition `partial`, which lies at `pointer`."""
    row = _Showing(catalog, {}).member(partial, pointer)
    labels_at: dict[str, str] = {}
    inputs = list(row.inputs.values()) if isinstance(row, ConditionRow) else []
    while inputs:
        each = inputs.pop()
        labels_at[each.pointer] = each.label
        inputs += [*each.parts.values(), *each.items]
    return labels_at


def standing_for(partial: Any, pointer: str) -> dict[str, str]:
    """Pointers of fields that are not shown to those that say them, in the condition there."""
    while isinstance(partial, Mapping) and "not" in partial:
        partial, pointer = partial["not"], f"{pointer}/not"
    if not isinstance(partial, Mapping):
        return {}
    offer = builder_kind_of(partial.get("type")).offer(partial)
    return {pointer + hidden: pointer + visible for hidden, visible in offer.stands_for.items()}


def _list(holder: Any, name: str) -> list[Any]:
    items = holder.get(name) if isinstance(holder, Mapping) else None
    return items if isinstance(items, list) else []


def leaves(row: Row) -> Iterator[tuple[str, str]]:
    """(name, text) of all that the form sends for a row and everything below it."""
    yield from row.marks
    if isinstance(row, ConditionRow):
        for each in row.inputs.values():
            yield from each.leaves
    if isinstance(row, NestedRow):
        for group in row.groups:
            yield group.mark
            for member in group.members:
                yield from leaves(member)
