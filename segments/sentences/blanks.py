"""Structures with blanks in place of what differs: printed, they are the templates of sentences.

Walks over the declared fields. Knows no condition kind and no filter by name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from profiles.columns.column import Bools
from segments.definition.decoding_values import Frozen
from segments.definition.fields import (
    ABSENT,
    Choice,
    CompletionWindow,
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
)
from segments.definition.operators import DateFilter, Filter, NumberTest
from segments.definition.operators.numbers import Amounts
from segments.definition.tree import Condition
from segments.definition.words import Say
from segments.sentences.symbols import (
    EventPropertyName,
    GroupName,
    JsonText,
    LiteralText,
    MetricName,
    NumberText,
    Path,
    PhraseOf,
    ProfilePropertyName,
    QuotedText,
    Rendering,
    Symbol,
)

_LIST_SIZES = (1, 2, 3, 4)
"""How many items lists are printed with. Three of one kind show what stands between them."""
_SECONDS = (86_400, 3_600, 60, 1)
_MOST_VALUES = 12
"""Of a whole number with so few values, each is printed."""


class Unprintable(Exception):
    """A combination of choices of which there is no sentence."""


class BlankSlot(NamedTuple):
    """A blank: what to look for in the printed text, where its value belongs, what is read."""

    mark: str | float
    path: Path
    symbol: Symbol


class BlankDraft(NamedTuple):
    """A value with blanks, the JSON of what is no blank, and the blanks."""

    value: Any
    json: Any
    slots: tuple[BlankSlot, ...] = ()


Labels = tuple[tuple[str, str], ...]


@dataclass
class Drafts:
    """Draws all drafts of one structure. Each blank has a mark of its own."""

    labels: Labels = ()
    with_fields: bool = False
    """Whether the first structure of a list has fields; else it can only be printed by a phrase."""
    _marks: dict[tuple[Path, object], str] = field(default_factory=dict)
    _numbers: dict[Path, int] = field(default_factory=dict)

    def of(self, structure: type[Structure], path: Path = ()) -> Iterator[BlankDraft]:
        """All combinations of the choices of a structure."""
        fields = structure.declared()
        if issubclass(structure, Condition):
            self.labels = tuple(getattr(structure, "value_labels", {}).items())
        choices = [list(self._field(each, (*path, each.name))) for each in fields]
        for drafts in itertools.product(*choices):
            values = {
                each.name: draft.value
                for each, draft in zip(fields, drafts, strict=True)
                if draft.value is not ABSENT
            }
            json = {
                each.name: draft.json
                for each, draft in zip(fields, drafts, strict=True)
                if draft.json is not ABSENT
            }
            if issubclass(structure, Condition | Filter):
                json = {"type": structure.type} | json
            slots = tuple(slot for draft in drafts for slot in draft.slots)
            yield BlankDraft(structure(**values), json, slots)

    def _field(self, declared: Declared, path: Path) -> Iterator[BlankDraft]:
        if declared.optional:
            yield BlankDraft(ABSENT, ABSENT)
        yield from self._values(declared.type, path)

    def _values(self, type_: FieldType, path: Path) -> Iterator[BlankDraft]:
        match type_:
            case Choice(options):
                yield from (BlankDraft(name, name) for name, _label in options)
            case Flag(only):
                truths = (True, False) if only is None else (only,)
                yield from (BlankDraft(truth, truth) for truth in truths)
            case Number():
                yield from self._number_drafts(type_, path)
            case CompletionWindow():
                for seconds in _SECONDS:
                    yield BlankDraft(seconds, seconds)
                    for number in self._sentinels(path, whole=True):
                        slot = BlankSlot(number, path, NumberText(seconds))
                        yield BlankDraft(int(number) * seconds, ABSENT, (slot,))
            case DateText():
                date = f"{7_000 + self._index(path)}-11-28"
                yield BlankDraft(date, ABSENT, (BlankSlot(date, path, Symbol()),))
            case Text() | Pattern():
                yield self._blank(path, QuotedText(self.labels))
            case Scalar():
                yield self._blank(path, LiteralText())
            case Texts():
                yield from self._lists(path, QuotedText(self.labels))
            case Scalars():
                yield from self._lists(path, LiteralText())
            case GroupKeys():
                yield from self._lists(path, GroupName())
            case MetricKey():
                yield self._blank(path, MetricName())
            case PropertyName(of="profile"):
                blank = self._blank(path, ProfilePropertyName())
                yield blank._replace(value=f"properties['{blank.value}']")
            case PropertyName():
                yield self._blank(path, EventPropertyName())
            case Raw():
                blank = self._blank(path, JsonText())
                frozen = Frozen(None)
                frozen.text = blank.value
                yield blank._replace(value=frozen)
            case Nested(structure):
                yield from self.of(structure, path)
            case FilterOf(classes):
                yield from self._filters(classes, path)
            case Many(Nested(structure)):
                yield from self._structures(structure, path)
            case _:
                raise TypeError(f"{type_} cannot be drawn")

    def _number_drafts(self, type_: Number, path: Path) -> Iterator[BlankDraft]:
        if type_.whole and type_.most - type_.least < _MOST_VALUES:
            for value in range(int(type_.least), int(type_.most) + 1):
                yield BlankDraft(value, value)
            return
        yield BlankDraft(1, 1)
        for number in self._sentinels(path, whole=type_.whole):
            yield BlankDraft(number, ABSENT, (BlankSlot(number, path, NumberText()),))

    def _index(self, path: Path) -> int:
        return self._numbers.setdefault(path, 2 + len(self._numbers) % 7)

    def _sentinels(self, path: Path, *, whole: bool) -> tuple[float, ...]:
        """Numbers of every plural form, which are different for each path."""
        few = self._index(path) * 1_000 + 322
        return (few, few + 5) if whole else (few, few + 5, few + 5.5)

    def _mark(self, path: Path, what: object = None) -> str:
        return self._marks.setdefault((path, what), chr(0xE000 + len(self._marks)))

    def _blank(self, path: Path, symbol: Symbol) -> BlankDraft:
        mark = self._mark(path)
        return BlankDraft(mark, ABSENT, (BlankSlot(mark, path, symbol),))

    def _lists(self, path: Path, symbol: Symbol) -> Iterator[BlankDraft]:
        for size in _LIST_SIZES:
            blanks = [self._blank((*path, i), symbol) for i in range(size)]
            slots = tuple(slot for blank in blanks for slot in blank.slots)
            yield BlankDraft(tuple(blank.value for blank in blanks), ABSENT, slots)

    def _structures(self, structure: type[Structure], path: Path) -> Iterator[BlankDraft]:
        """Lists of structures. The first may be printed by its fields, all others by a phrase."""
        for size in _LIST_SIZES:
            marks = [self._mark((*path, i), "phrase") for i in range(size)]
            phrase = PhraseOf(structure)
            slots = [BlankSlot(mark, (*path, i), phrase) for i, mark in enumerate(marks)]
            blanks = [_blank_structure(structure, mark, {}) for mark in marks]
            if not self.with_fields:
                yield BlankDraft(tuple(blanks), ABSENT, tuple(slots))
                continue
            for first in self.of(structure, (*path, 0)):
                blank = _blank_structure(structure, marks[0], vars(first.value))
                slots_of_all = (*slots, *first.slots)
                yield BlankDraft((blank, *blanks[1:]), [first.json], slots_of_all)

    def _filters(self, classes: tuple[type[Filter], ...], path: Path) -> Iterator[BlankDraft]:
        numbers = tuple(cls for cls in classes if issubclass(cls, NumberTest))
        dates = tuple(cls for cls in classes if issubclass(cls, DateFilter))
        others = tuple(cls for cls in classes if cls not in numbers and cls not in dates)
        if numbers:
            for zero, only_zero in ((False, False), (True, False), (True, True)):
                json = _ZERO if only_zero else ABSENT
                yield self._filter(_BlankNumber(zero, only_zero), numbers, path, json)
        if dates:
            yield self._filter(_BlankDate(), dates, path, ABSENT)
        if others:
            yield self._filter(_BlankFilter(), others, path, ABSENT)

    def _filter(
        self, blank: _Blank, classes: tuple[type[Filter], ...], path: Path, json: Any
    ) -> BlankDraft:
        renderings: dict[Rendering, str] = {}

        def write(method: str, say: Say | None = None) -> str:
            symbol = Rendering(classes, method, say, self.labels)
            return renderings.setdefault(symbol, self._mark(path, symbol))

        blank.write = write
        return BlankDraft(blank, json, (BlankSlot("", path, _Later(renderings)),))


class _Later(Symbol):
    """The renderings of a blank filter that were printed; known only afterwards."""

    def __init__(self, renderings: dict[Rendering, str]) -> None:
        self.renderings = renderings


def slots_of(draft: BlankDraft) -> Iterator[BlankSlot]:
    """The blanks of a draft that has been printed."""
    for slot in draft.slots:
        if isinstance(slot.symbol, _Later):
            for rendering, mark in slot.symbol.renderings.items():
                yield BlankSlot(mark, slot.path, rendering)
        else:
            yield slot


_ZERO = {"type": "numeric", "operator": "equals", "value": 0}


class _Blank:
    """A filter that writes a mark."""

    write: Callable[..., str]

    def phrase(self) -> str:
        return self.write("phrase")


class _BlankFilter(_Blank, Filter):
    def __init__(self) -> None:
        pass


class _BlankDate(_Blank, DateFilter):
    def __init__(self) -> None:
        pass

    def span(self) -> str:
        return self.write("span")


class _BlankNumber(_Blank, NumberTest):
    only_zero = False
    all_but_zero = False

    def __init__(self, zero: bool, only_zero: bool) -> None:
        self._zero = zero
        self.only_zero = only_zero

    def holds(self, numbers: Amounts) -> Bools:
        return np.full(len(numbers), self._zero)

    def _writes(self, method: str, say: Say | None = None) -> str:
        if self.only_zero:
            raise Unprintable
        return self.write(method, say)

    def times(self) -> str:
        return self._writes("times")

    def amount(self, say: Say | None = None) -> str:
        return self._writes("amount", say)

    def percent(self) -> str:
        return self._writes("percent")

    def percent_phrase(self) -> str:
        return self._writes("percent_phrase")

    def phrase(self) -> str:
        return self._writes("phrase")


def _blank_structure(structure: type[Structure], mark: str, values: dict[str, Any]) -> Any:
    """A structure whose phrase is a mark, and whose fields are these values."""
    blank = type(structure.__name__, (structure,), {"phrase": lambda *_: mark})
    structure_with_mark: Any = object.__new__(blank)
    for name, value in values.items():
        object.__setattr__(structure_with_mark, name, value)
    return structure_with_mark
