"""Reading one definition from JSON: every problem is noted with its pointer before it is refused.

Part of the codec; walks the declared fields and knows no kind and no filter by name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any as Json
from typing import NoReturn, cast

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext

from profiles.columns.instants import parse_iso
from segmenter.kernel.errors import Problem
from segments.definition import conditions as _registered  # noqa: F401
from segments.definition.fields import (
    ABSENT,
    Choice,
    DateText,
    Declared,
    FieldType,
    FilterOf,
    Flag,
    GroupKeys,
    Many,
    MetricKey,
    Nested,
    Number,
    Pattern,
    PropertyName,
    Raw,
    Scalar,
    Scalars,
    Structure,
    Text,
    Texts,
    Window,
)
from segments.definition.operators import Filter, filters
from segments.definition.paths import parse_path
from segments.definition.tree import All, Any, Condition, Node, Not, kinds

MOST_DEPTH = 8
_MOST_NESTING = 32
_OLD_KINDS = {"profile-attribute": "profile-property"}
_COMPLETION_NAMES = frozenset(
    {
        "HOURS_1",
        "DAYS_1",
        "DAYS_3",
        "DAYS_5",
        "WEEKS_1",
        "DAYS_30",
        "DAYS_90",
        "DAYS_180",
        "YEARS_1",
    }
)


class Frozen:
    """Any JSON as a hashable value."""

    def __init__(self, value: Json) -> None:
        self.text = json.dumps(value, sort_keys=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


class _Bad(Exception):
    """A value that was not read; the problem is already noted."""


class Reader:
    """Reads one document and notes what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.conditions = 0

    def note(self, pointer: str, code: str, message: str) -> NoReturn:
        self.problems.append(Problem(pointer, code, message))
        raise _Bad

    # --- structure ---

    def definition(self, value: Json, pointer: str, depth: int, nesting: int) -> All | None:
        try:
            groups = self._members(value, pointer, "condition_groups")
        except _Bad:
            return None
        if depth > MOST_DEPTH:
            message = gettext("Groups can be nested %(most)s deep.") % {"most": MOST_DEPTH}
            self.problems.append(Problem(pointer, "too_deep", message))
            return None
        read = [
            self._group(group, f"{pointer}/condition_groups/{i}", depth, nesting)
            for i, group in enumerate(groups)
        ]
        return None if None in read else All(tuple(cast(list[Any], read)))

    def _group(self, value: Json, pointer: str, depth: int, nesting: int) -> Any | None:
        try:
            members = self._members(value, pointer, "conditions")
        except _Bad:
            return None
        read = [
            self._member(member, f"{pointer}/conditions/{i}", depth, nesting)
            for i, member in enumerate(members)
        ]
        return None if None in read else Any(tuple(cast(list[Node], read)))

    def _members(self, value: Json, pointer: str, name: str) -> list[Json]:
        if not isinstance(value, dict):
            self.note(pointer, "invalid", f"An object with {name!r} is needed here.")
        for extra in value.keys() - {name}:
            self.problems.append(
                Problem(f"{pointer}/{_token(extra)}", "unknown", f"{extra!r} does not belong here.")
            )
        members = value.get(name)
        if members is None and name not in value:
            self.note(f"{pointer}/{name}", "required", f"{name!r} is missing.")
        if not isinstance(members, list):
            self.note(f"{pointer}/{name}", "invalid", "A list is needed here.")
        if not members:
            self.note(f"{pointer}/{name}", "empty", gettext("A group must not be empty."))
        return members

    def _member(self, value: Json, pointer: str, depth: int, nesting: int) -> Node | None:
        if nesting > _MOST_NESTING:
            self.problems.append(Problem(pointer, "too_deep", "This is nested too deep."))
            return None
        if isinstance(value, dict) and "condition_groups" in value:
            return self.definition(value, pointer, depth + 1, nesting + 1)
        if isinstance(value, dict) and "not" in value:
            for extra in value.keys() - {"not"}:
                message = f"{extra!r} does not belong here."
                self.problems.append(Problem(f"{pointer}/{_token(extra)}", "unknown", message))
            child = self._member(value["not"], f"{pointer}/not", depth, nesting + 1)
            return None if child is None else Not(child)
        self.conditions += 1
        try:
            return self._condition(value, pointer)
        except _Bad:
            return None

    def _condition(self, value: Json, pointer: str) -> Condition:
        if not isinstance(value, dict):
            self.note(pointer, "invalid", "A condition is an object.")
        name = value.get("type")
        name = _OLD_KINDS.get(name, name) if isinstance(name, str) else name
        if not isinstance(name, str) or name not in kinds:
            code, told = ("invalid", f"{name!r} is no kind of condition.")
            if "type" not in value:
                code, told = ("required", "'type' is missing.")
            self.note(f"{pointer}/type", code, told)
        return cast(Condition, self._structure(kinds[name], value, pointer, ("type",)))

    def _structure(
        self, cls: type[Structure], value: Json, pointer: str, known: tuple[str, ...] = ()
    ) -> Structure:
        if not isinstance(value, dict):
            self.note(pointer, "invalid", "An object is needed here.")
        declared = cls.declared()
        names = {name: f for f in declared for name in (f.name, *f.spellings)}
        failed = False
        for extra in value.keys() - names.keys() - set(known):
            message = f"{extra!r} does not belong here."
            self.problems.append(Problem(f"{pointer}/{_token(str(extra))}", "unknown", message))
            failed = True
        read: dict[str, Json] = {}
        given = {names[name].name: name for name in value if name in names}
        for field in declared:
            try:
                read[field.name] = self._field(field, value, given.get(field.name), pointer, read)
            except _Bad:
                failed = True
        if failed:
            raise _Bad
        structure = cls(**read)
        problems = [problem.under(pointer) for problem in structure.problems()]
        if problems:
            self.problems.extend(problems)
            raise _Bad
        return structure

    def _field(
        self,
        field: Declared,
        holder: Mapping[str, Json],
        name: str | None,
        pointer: str,
        read: Mapping[str, Json],
    ) -> Json:
        place = f"{pointer}/{name or field.name}"
        if name is None:
            if field.optional:
                return ABSENT
            self.note(place, "required", f"{field.name!r} is missing.")
        value = holder[name]
        if value is None and field.nullable:
            return None
        if isinstance(field.type, Pattern):
            return self._pattern(field.type, value, place, read.get("operator"))
        return self.value(field.type, value, place)

    # --- values ---

    def value(self, type_: FieldType, value: Json, pointer: str) -> Json:
        """Read a value of a declared type; notes the problem and raises _Bad if it is none."""
        return _READERS[type(type_)](self, type_, value, pointer)

    def _text(self, type_: Text, value: Json, pointer: str) -> str:
        return self._checked_text(value, pointer, type_.most, type_.least)

    def _checked_text(self, value: Json, pointer: str, most: int, least: int = 0) -> str:
        if not isinstance(value, str):
            self.note(pointer, "invalid", "A text is needed here.")
        if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
            self.note(pointer, "invalid", gettext("The text has a character that cannot be kept."))
        if not least <= len(value) <= most:
            told = gettext("The text must have %(least)s to %(most)s characters.")
            self.note(pointer, "invalid", told % {"least": least, "most": most})
        return value

    def _pattern(self, type_: Pattern, value: Json, pointer: str, operator: object) -> str:
        text = self._checked_text(value, pointer, type_.most)
        if operator in type_.when:
            try:
                pc.match_substring_regex(pa.array([""]), text)
            except pa.ArrowInvalid as error:
                told = str(error).partition(": ")[2] or str(error)
                message = gettext("This is no regular expression: %(problem)s") % {"problem": told}
                self.note(pointer, "invalid_pattern", message)
        return text

    def _date(self, type_: DateText, value: Json, pointer: str) -> str:
        if not isinstance(value, str) or parse_iso(value) is None:
            message = gettext("A date as 2026-03-01 or 2026-03-01T14:00:00Z is needed.")
            self.note(pointer, "invalid", message)
        return value

    def _number(self, type_: Number, value: Json, pointer: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.note(pointer, "invalid", gettext("A number is needed here."))
        if isinstance(value, float) and not math.isfinite(value):
            self.note(pointer, "invalid", gettext("The number must be finite."))
        if type_.whole and value != int(value):
            self.note(pointer, "invalid", gettext("A whole number is needed here."))
        if not type_.least <= value <= type_.most:
            least, most = f"{type_.least:g}", f"{type_.most:g}"
            told = gettext("The number must lie between %(least)s and %(most)s.")
            self.note(pointer, "out_of_range", told % {"least": least, "most": most})
        return int(value) if type_.whole else value

    def _flag(self, type_: Flag, value: Json, pointer: str) -> bool:
        if not isinstance(value, bool):
            self.note(pointer, "invalid", "true or false is needed here.")
        if type_.only is not None and value is not type_.only:
            told = str(type_.only).lower()
            self.note(pointer, "invalid", f"This can only be {told}, or left away.")
        return value

    def _choice(self, type_: Choice, value: Json, pointer: str) -> str:
        value = dict(type_.spellings).get(value, value) if isinstance(value, str) else value
        allowed = [name for name, _ in type_.options]
        if value not in allowed:
            self.note(pointer, "invalid", f"This must be one of: {', '.join(allowed)}.")
        return cast(str, value)

    def _texts(self, type_: Texts, value: Json, pointer: str) -> tuple[str, ...]:
        items = self._list(value, pointer, 1, type_.most)
        return tuple(
            self._each(items, pointer, lambda item, at: self._checked_text(item, at, 1_000))
        )

    def _scalars(self, type_: Scalars, value: Json, pointer: str) -> tuple[Json, ...]:
        items = self._list(value, pointer, 1, type_.most)
        return tuple(self._each(items, pointer, self._one_scalar))

    def _scalar(self, type_: Scalar, value: Json, pointer: str) -> Json:
        return self._one_scalar(value, pointer)

    def _one_scalar(self, value: Json, pointer: str) -> Json:
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return self._number(Number(), value, pointer)
        return self._checked_text(value, pointer, 1_000)

    def _metric(self, type_: MetricKey, value: Json, pointer: str) -> str:
        return self._checked_text(value, pointer, 100, 1)

    def _groups(self, type_: GroupKeys, value: Json, pointer: str) -> tuple[str, ...]:
        items = self._list(value, pointer, 1, type_.most)
        return tuple(
            self._each(items, pointer, lambda item, at: self._checked_text(item, at, 100, 1))
        )

    def _property(self, type_: PropertyName, value: Json, pointer: str) -> str:
        text = self._checked_text(value, pointer, 500, 1)
        if type_.of == "profile" and parse_path(text) is None:
            told = gettext(
                "No profile has “%(name)s”; a property of your own is written"
                " properties['its name']."
            )
            message = told % {"name": text}
            self.note(pointer, "unknown_property", message)
        return text

    def _filter(self, type_: FilterOf, value: Json, pointer: str) -> Filter:
        if not isinstance(value, dict):
            self.note(pointer, "invalid", "A filter is an object.")
        for name in ("type", "operator"):
            if name not in value:
                self.note(f"{pointer}/{name}", "required", f"{name!r} is missing.")
        allowed = {t for t, o in filters if filters[t, o] in type_.classes}
        if value["type"] not in allowed:
            told = ", ".join(sorted(allowed))
            self.note(f"{pointer}/type", "invalid", f"The filter's type must be one of: {told}.")
        operator = value["operator"]
        cls = filters.get((value["type"], operator)) if isinstance(operator, str) else None
        if cls is None or cls not in type_.classes:
            told = ", ".join(
                o for (t, o), c in filters.items() if t == value["type"] and c in type_.classes
            )
            self.note(f"{pointer}/operator", "invalid", f"The operator must be one of: {told}.")
        return cast(Filter, self._structure(cls, value, pointer, ("type",)))

    def _nested(self, type_: Nested, value: Json, pointer: str) -> Structure:
        return self._structure(type_.structure, value, pointer)

    def _many(self, type_: Many, value: Json, pointer: str) -> tuple[Json, ...]:
        items = self._list(value, pointer, type_.least, type_.most)
        read = self._each(items, pointer, lambda item, at: self.value(type_.item, item, at))
        return tuple(read)

    def _window(self, type_: Window, value: Json, pointer: str) -> str | int:
        if isinstance(value, str):
            if value not in _COMPLETION_NAMES:
                told = ", ".join(sorted(_COMPLETION_NAMES))
                self.note(
                    pointer, "invalid", f"This must be a number of seconds or one of: {told}."
                )
            return value
        return int(self._number(Number(least=1, most=3_200_000_000, whole=True), value, pointer))

    def _raw(self, type_: Raw, value: Json, pointer: str) -> Frozen:
        return Frozen(value)

    def _list(self, value: Json, pointer: str, least: int, most: int) -> list[Json]:
        if not isinstance(value, list):
            self.note(pointer, "invalid", "A list is needed here.")
        if not least <= len(value) <= most:
            told = gettext("The list must have %(least)s to %(most)s items.")
            self.note(pointer, "invalid", told % {"least": least, "most": most})
        return value

    def _each(
        self, items: list[Json], pointer: str, read: Callable[[Json, str], Json]
    ) -> list[Json]:
        """Read every item, so that every problem is noted, then fail if any was."""
        done: list[Json] = []
        failed = False
        for i, item in enumerate(items):
            try:
                done.append(read(item, f"{pointer}/{i}"))
            except _Bad:
                failed = True
        if failed:
            raise _Bad
        return done


def _token(name: str) -> str:
    """A name as a JSON pointer's token (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


_READERS: dict[type[FieldType], Callable[..., Json]] = {
    Text: Reader._text,
    DateText: Reader._date,
    Number: Reader._number,
    Flag: Reader._flag,
    Choice: Reader._choice,
    Texts: Reader._texts,
    Scalars: Reader._scalars,
    Scalar: Reader._scalar,
    MetricKey: Reader._metric,
    GroupKeys: Reader._groups,
    PropertyName: Reader._property,
    FilterOf: Reader._filter,
    Nested: Reader._nested,
    Many: Reader._many,
    Window: Reader._window,
    Raw: Reader._raw,
}
