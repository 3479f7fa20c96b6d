"""Reading one definition from JSON. All problems are collected with their pointers.

Part of the codec. Iterates over the declared fields and knows no kind and no filter by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any as Json
from typing import cast

from django.utils.translation import gettext

from segmenter.kernel.json_pointer import child
from segments.definition import conditions as _registered  # noqa: F401
from segments.definition.decoding_values import (
    Problems,
    RefusedValue,
    read_items,
    read_pattern,
    read_value,
)
from segments.definition.fields import (
    ABSENT,
    Declared,
    FieldType,
    FilterOf,
    Many,
    Nested,
    Pattern,
    Structure,
)
from segments.definition.limits import MOST_DEPTH, MOST_NESTING
from segments.definition.operators import Filter, filters
from segments.definition.tree import All, Any, Condition, Node, Not, kinds

_OLD_KINDS = {"profile-attribute": "profile-property"}


class Reader:
    """Reads one document and collects its problems."""

    def __init__(self) -> None:
        self.problems = Problems()

    def definition(self, value: Json, pointer: str, depth: int, nesting: int) -> All | None:
        try:
            groups = self._members(value, pointer, "condition_groups")
        except RefusedValue:
            return None
        if depth > MOST_DEPTH:
            message = gettext("Groups can be nested %(most)s deep.") % {"most": MOST_DEPTH}
            self.problems.note(pointer, "too_deep", message)
            return None
        nodes = [
            self._group(group, f"{pointer}/condition_groups/{i}", depth, nesting)
            for i, group in enumerate(groups)
        ]
        return None if None in nodes else All(tuple(cast(list[Any], nodes)))

    def _group(self, value: Json, pointer: str, depth: int, nesting: int) -> Any | None:
        try:
            members = self._members(value, pointer, "conditions")
        except RefusedValue:
            return None
        nodes = [
            self._member(member, f"{pointer}/conditions/{i}", depth, nesting)
            for i, member in enumerate(members)
        ]
        return None if None in nodes else Any(tuple(cast(list[Node], nodes)))

    def _members(self, value: Json, pointer: str, name: str) -> list[Json]:
        if not isinstance(value, dict):
            self.problems.refuse(pointer, "invalid", f"An object with {name!r} is needed here.")
        for extra in value.keys() - {name}:
            self._unknown(extra, pointer)
        members = value.get(name)
        if members is None and name not in value:
            self.problems.refuse(f"{pointer}/{name}", "required", f"{name!r} is missing.")
        if not isinstance(members, list):
            self.problems.refuse(f"{pointer}/{name}", "invalid", "A list is needed here.")
        if not members:
            self.problems.refuse(
                f"{pointer}/{name}", "empty", gettext("A group must not be empty.")
            )
        return members

    def _member(self, value: Json, pointer: str, depth: int, nesting: int) -> Node | None:
        if nesting > MOST_NESTING:
            self.problems.note(pointer, "too_deep", gettext("This is nested too deep."))
            return None
        if isinstance(value, dict) and "condition_groups" in value:
            return self.definition(value, pointer, depth + 1, nesting + 1)
        if isinstance(value, dict) and "not" in value:
            for extra in value.keys() - {"not"}:
                self._unknown(extra, pointer)
            child = self._member(value["not"], f"{pointer}/not", depth, nesting + 1)
            return None if child is None else Not(child)
        try:
            return self._condition(value, pointer)
        except RefusedValue:
            return None

    def _condition(self, value: Json, pointer: str) -> Condition:
        if not isinstance(value, dict):
            self.problems.refuse(pointer, "invalid", "A condition is an object.")
        name = value.get("type")
        name = _OLD_KINDS.get(name, name) if isinstance(name, str) else name
        if not isinstance(name, str) or name not in kinds:
            code, message = ("invalid", f"{name!r} is no kind of condition.")
            if "type" not in value:
                code, message = ("required", "'type' is missing.")
            self.problems.refuse(f"{pointer}/type", code, message)
        return cast(Condition, self._structure(kinds[name], value, pointer, ("type",)))

    def _structure(
        self, cls: type[Structure], value: Json, pointer: str, known: tuple[str, ...] = ()
    ) -> Structure:
        if not isinstance(value, dict):
            self.problems.refuse(pointer, "invalid", "An object is needed here.")
        declared = cls.declared()
        names = {name: f for f in declared for name in (f.name, *f.spellings)}
        failed = False
        for extra in value.keys() - names.keys() - set(known):
            self._unknown(extra, pointer)
            failed = True
        values: dict[str, Json] = {}
        spelling_of = {names[name].name: name for name in value if name in names}
        for field in declared:
            try:
                values[field.name] = self._field(
                    field, value, spelling_of.get(field.name), pointer, values
                )
            except RefusedValue:
                failed = True
        if failed:
            raise RefusedValue
        structure = cls(**values)
        problems = [problem.under(pointer) for problem in structure.problems()]
        if problems:
            self.problems.extend(problems)
            raise RefusedValue
        return structure

    def _field(
        self,
        field: Declared,
        holder: Mapping[str, Json],
        name: str | None,
        pointer: str,
        values: Mapping[str, Json],
    ) -> Json:
        place = f"{pointer}/{name or field.name}"
        if name is None:
            if field.optional:
                return ABSENT
            self.problems.refuse(place, "required", f"{field.name!r} is missing.")
        value = holder[name]
        if value is None and field.nullable:
            return None
        if isinstance(field.type, Pattern):
            return read_pattern(self.problems, field.type, value, place, values.get("operator"))
        return self._value(field.type, value, place)

    def _value(self, type_: FieldType, value: Json, pointer: str) -> Json:
        match type_:
            case FilterOf():
                return self._filter(type_, value, pointer)
            case Nested():
                return self._structure(type_.structure, value, pointer)
            case Many():
                return self._many(type_, value, pointer)
        return read_value(self.problems, type_, value, pointer)

    def _filter(self, type_: FilterOf, value: Json, pointer: str) -> Filter:
        if not isinstance(value, dict):
            self.problems.refuse(pointer, "invalid", "A filter is an object.")
        for name in ("type", "operator"):
            if name not in value:
                self.problems.refuse(f"{pointer}/{name}", "required", f"{name!r} is missing.")
        allowed = {t for t, o in filters if filters[t, o] in type_.classes}
        if not isinstance(value["type"], str) or value["type"] not in allowed:
            names = ", ".join(sorted(allowed))
            self.problems.refuse(
                f"{pointer}/type", "invalid", f"The filter's type must be one of: {names}."
            )
        operator = value["operator"]
        cls = filters.get((value["type"], operator)) if isinstance(operator, str) else None
        if cls is None or cls not in type_.classes:
            names = ", ".join(
                o for (t, o), c in filters.items() if t == value["type"] and c in type_.classes
            )
            self.problems.refuse(
                f"{pointer}/operator", "invalid", f"The operator must be one of: {names}."
            )
        return cast(Filter, self._structure(cls, value, pointer, ("type",)))

    def _many(self, type_: Many, value: Json, pointer: str) -> tuple[Json, ...]:
        def read(item: Json, at: str) -> Json:
            return self._value(type_.item, item, at)

        return read_items(self.problems, read, value, pointer, least=type_.least, most=type_.most)

    def _unknown(self, name: object, pointer: str) -> None:
        message = f"{name!r} does not belong here."
        self.problems.note(child(pointer, str(name)), "unknown", message)
