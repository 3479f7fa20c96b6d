"""Whether anybody could match: a search over the sorts of people that conditions distinguish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from threading import Lock

from cachetools import LRUCache

from segments.definition.tree import All, Any, Condition, Node, Not, conditions, walk
from segments.definition.windows import Moment
from segments.lint.logic import subjects as _registered  # noqa: F401
from segments.lint.logic.subject import Signatures, Subject, Unknown, subject_of, time_key

MOST_STEPS = 300
"""Of a search. One that takes longer finds that it is possible."""
Goal = tuple[Node, bool]
"""A node and the answer it should have."""
Answers = dict[int, bool]
"""Number of a condition to its answer."""


class AnswerTable:
    """Conditions about one subject, by number, with the combinations of answers they can have."""

    def __init__(self, numbers: tuple[int, ...], signatures: Signatures) -> None:
        self.numbers = numbers
        truths, is_set = signatures.truths.tolist(), signatures.is_set.tolist()
        self._rows = set(map(tuple, truths))
        self._set_rows = {tuple(row) for row, known in zip(truths, is_set, strict=True) if known}

    def rows(self, *, if_set: bool) -> set[tuple[bool, ...]]:
        """The combinations; with `if_set`, those of people of whom everything is known."""
        return self._set_rows if if_set else self._rows

    @property
    def is_free(self) -> bool:
        """Whether every combination is possible, also where everything is set."""
        return len(self._set_rows) == 2 ** len(self.numbers)


class Theory:
    """What is possible for the conditions of a tree at a moment. Asks only about its own nodes."""

    def __init__(self, tree: Node, moment: Moment) -> None:
        self._numbers: dict[int, int] = {}
        """Id of a condition to its number; equal conditions share one. Ids are quick to hash."""
        by_condition: dict[Condition, int] = {}
        times: Counter[int] = Counter()
        for _, condition in conditions(tree):
            number = by_condition.setdefault(condition, len(by_condition))
            self._numbers[id(condition)] = number
            times[number] += 1
        by_subject: dict[Subject, list[Condition]] = {}
        for condition in by_condition:
            by_subject.setdefault(subject_of(condition), []).append(condition)
        self._table_of: dict[int, AnswerTable] = {}
        self._bound = {number for number, n in times.items() if n > 1}
        """Conditions whose answers are not free of each other."""
        for subject, some in by_subject.items():
            for conditions_, signatures in _signatures_of(subject, tuple(some), moment):
                table = AnswerTable(tuple(by_condition[c] for c in conditions_), signatures)
                self._table_of |= dict.fromkeys(table.numbers, table)
                if not table.is_free:
                    self._bound.update(table.numbers)
        self._below: dict[int, frozenset[int]] = {}
        """Id of a node to the bound conditions below it."""
        for _, node in walk(tree) if self._bound else ():
            numbers = {self._numbers[id(c)] for _, c in conditions(node)}
            self._below[id(node)] = frozenset(numbers & self._bound)
        self._answers: dict[tuple[bool, tuple[tuple[int, bool], ...]], bool] = {}

    def concerns(self, *nodes: Node) -> bool:
        """Whether anything but freely combined conditions is below the nodes."""
        return bool(self._bound) and any(self._below[id(node)] for node in nodes)

    def related(self, one: Node, other: Node) -> bool:
        """Whether conditions of two nodes are about the same thing."""
        if not self._bound:
            return False
        tables = [
            {id(self._table_of[number]) for number in self._below[id(node)]}
            for node in (one, other)
        ]
        return not tables[0].isdisjoint(tables[1])

    def possible(self, *goals: Goal, if_set: bool = False) -> bool:
        """Whether a person could have all these answers; with `if_set`, one with all values set."""
        if not self.concerns(*(node for node, _ in goals)):
            return True
        question = (if_set, tuple((id(node), truth) for node, truth in goals))
        if question not in self._answers:
            search = _Search(goals, self._numbers, self._table_of, if_set)
            self._answers[question] = search.succeeds()
        return self._answers[question]

    def never(self, *nodes: Node) -> bool:
        """Whether nobody can match all of these."""
        return not self.possible(*((node, True) for node in nodes))

    def always(self, *nodes: Node, if_set: bool = False) -> bool:
        """Whether everyone matches at least one of these."""
        return not self.possible(*((node, False) for node in nodes), if_set=if_set)


def _signatures_of(
    subject: Subject, some: tuple[Condition, ...], moment: Moment
) -> Iterator[tuple[tuple[Condition, ...], Signatures]]:
    """The signatures of conditions about a subject: together, or each by itself if too many."""
    if isinstance(subject, Unknown):
        yield some, subject.signatures(some, moment)
        return
    signatures = _signatures(subject, some, moment)
    if signatures is not None:
        yield some, signatures
        return
    for condition in some:
        alone = _signatures(subject, (condition,), moment)
        yield (condition,), alone or Unknown(condition).signatures((condition,), moment)


def _signatures(subject: Subject, some: tuple[Condition, ...], moment: Moment) -> Signatures | None:
    """The signatures, from a cache: while somebody types, most conditions stay the same."""
    key = some, time_key(some, moment)
    with _lock:
        if key in _memory:
            return _memory[key]
    signatures = subject.signatures(some, moment)
    with _lock:
        _memory[key] = signatures
    return signatures


_memory: LRUCache[tuple[tuple[Condition, ...], Hashable], Signatures | None] = LRUCache(1_000)
_lock = Lock()


class _Search:
    """Looks for a sort of person who gives all goals."""

    def __init__(
        self,
        goals: tuple[Goal, ...],
        numbers: Mapping[int, int],
        table_of: Mapping[int, AnswerTable],
        if_set: bool,
    ) -> None:
        self._goals, self._numbers = goals, numbers
        self._steps = 0
        signs: dict[int, set[bool]] = {}
        for node, truth in goals:
            for condition, sign in _signs(node, truth):
                signs.setdefault(numbers[id(condition)], set()).add(sign)
        tables = {id(table_of[number]): table_of[number] for number in signs}
        self._options = sorted(
            (_options(table, signs, if_set) for table in tables.values()), key=len
        )

    def succeeds(self) -> bool:
        return self._try(0, {})

    def _try(self, place: int, answers: Answers) -> bool:
        self._steps += 1
        if self._steps > MOST_STEPS:
            return True
        unknown = False
        for node, truth in self._goals:
            value = self._value(node, answers)
            if value is None:
                unknown = True
            elif value != truth:
                return False
        if not unknown or place == len(self._options):
            return True
        return any(self._try(place + 1, answers | option) for option in self._options[place])

    def _value(self, node: Node, answers: Answers) -> bool | None:
        """The answer of a node as far as conditions are answered; None if it is open."""
        match node:
            case Not(child):
                value = self._value(child, answers)
                return None if value is None else not value
            case All(parts) | Any(parts):
                decisive, is_open = isinstance(node, Any), False
                for part in parts:
                    value = self._value(part, answers)
                    if value is decisive:
                        return decisive
                    is_open = is_open or value is None
                return None if is_open else not decisive
        return answers.get(self._numbers[id(node)])


def _options(table: AnswerTable, signs: Mapping[int, set[bool]], if_set: bool) -> list[Answers]:
    """The combinations of answers that are worth trying: no other gives all of one and more."""
    columns = [(i, number) for i, number in enumerate(table.numbers) if number in signs]
    rows = {tuple(row[i] for i, _ in columns) for row in table.rows(if_set=if_set)}
    goals = [(at, sign) for at, (_, number) in enumerate(columns) for sign in signs[number]]
    gains = {row: frozenset(each for each in goals if row[each[0]] == each[1]) for row in rows}
    best: dict[frozenset[tuple[int, bool]], tuple[bool, ...]] = {}
    for row, gain in sorted(gains.items(), key=lambda each: -len(each[1])):
        if not any(gain <= other for other in best):
            best[gain] = row
    return [{number: row[at] for at, (_, number) in enumerate(columns)} for row in best.values()]


def _signs(node: Node, truth: bool) -> Iterator[tuple[Condition, bool]]:
    """Each condition and the answer of it that helps the node to its answer."""
    match node:
        case Not(child):
            yield from _signs(child, not truth)
        case All(parts) | Any(parts):
            for part in parts:
                yield from _signs(part, truth)
        case _:
            yield node, truth
