"""Whether anybody could match: a search over the sorts of people that conditions distinguish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from threading import Lock

from cachetools import LRUCache

from segments.definition.tree import All, Any, Condition, Node, Not, conditions
from segments.definition.windows import Moment
from segments.lint.logic import subjects as _registered  # noqa: F401
from segments.lint.logic.subject import Signatures, Subject, Unknown, subject_of

MOST_STEPS = 300
"""Of a search. One that takes longer finds that it is possible."""
Goal = tuple[Node, bool]
"""A node and the answer it should have."""


class AnswerTable:
    """Conditions about one subject with the combinations of answers they can have."""

    def __init__(self, some: tuple[Condition, ...], signatures: Signatures) -> None:
        self.conditions = some
        truths, is_set = signatures.truths.tolist(), signatures.is_set.tolist()
        self._rows = set(map(tuple, truths))
        self._set_rows = {tuple(row) for row, known in zip(truths, is_set, strict=True) if known}

    def rows(self, *, if_set: bool) -> set[tuple[bool, ...]]:
        """The combinations; with `if_set`, those of people of whom everything is known."""
        return self._set_rows if if_set else self._rows

    @property
    def is_free(self) -> bool:
        """Whether every combination is possible, also where everything is set."""
        return len(self._set_rows) == 2 ** len(self.conditions)


class Theory:
    """What is possible for the conditions of a tree at a moment."""

    def __init__(self, tree: Node, moment: Moment) -> None:
        times = Counter(condition for _, condition in conditions(tree))
        by_subject: dict[Subject, list[Condition]] = {}
        for condition in times:
            by_subject.setdefault(subject_of(condition), []).append(condition)
        self._table_of: dict[Condition, AnswerTable] = {}
        self._bound: set[Condition] = {c for c, n in times.items() if n > 1}
        """Conditions whose answers are not free of each other."""
        for subject, some in by_subject.items():
            for table in _tables(subject, tuple(some), moment):
                self._table_of |= dict.fromkeys(table.conditions, table)
                if not table.is_free:
                    self._bound.update(table.conditions)
        self._answers: dict[tuple[tuple[Goal, ...], bool], bool] = {}

    def concerns(self, *nodes: Node) -> bool:
        """Whether anything but freely combined conditions is below the nodes."""
        return any(c in self._bound for node in nodes for _, c in conditions(node))

    def related(self, one: Node, other: Node) -> bool:
        """Whether conditions of two nodes are about the same thing."""
        tables = [
            {id(self._table_of[c]) for _, c in conditions(node) if c in self._bound}
            for node in (one, other)
        ]
        return not tables[0].isdisjoint(tables[1])

    def possible(self, *goals: Goal, if_set: bool = False) -> bool:
        """Whether a person could have all these answers; with `if_set`, one with all values set."""
        if not self.concerns(*(node for node, _ in goals)):
            return True
        question = (goals, if_set)
        if question not in self._answers:
            self._answers[question] = _Search(goals, self._table_of, if_set).succeeds()
        return self._answers[question]

    def never(self, *nodes: Node) -> bool:
        """Whether nobody can match all of these."""
        return not self.possible(*((node, True) for node in nodes))

    def always(self, *nodes: Node, if_set: bool = False) -> bool:
        """Whether everyone matches at least one of these."""
        return not self.possible(*((node, False) for node in nodes), if_set=if_set)


def _tables(subject: Subject, some: tuple[Condition, ...], moment: Moment) -> Iterator[AnswerTable]:
    signatures = _signatures(subject, some, moment)
    if signatures is not None:
        yield AnswerTable(some, signatures)
        return
    for condition in some:  # too many combinations: each by itself
        alone = _signatures(subject, (condition,), moment)
        yield AnswerTable(
            (condition,), alone or Unknown(condition).signatures((condition,), moment)
        )


def _signatures(subject: Subject, some: tuple[Condition, ...], moment: Moment) -> Signatures | None:
    """The signatures, from the cache where time does not change them: typing changes one."""
    if subject.depends_on_time(some):
        return subject.signatures(some, moment)
    with _lock:
        if some in _kept:
            return _kept[some]
    signatures = subject.signatures(some, moment)
    with _lock:
        _kept[some] = signatures
    return signatures


_kept: LRUCache[tuple[Condition, ...], Signatures | None] = LRUCache(1_000)
_lock = Lock()


class _Search:
    """Looks for a sort of person who gives all goals."""

    def __init__(
        self, goals: tuple[Goal, ...], table_of: dict[Condition, AnswerTable], if_set: bool
    ) -> None:
        self._goals = goals
        self._steps = 0
        signs: dict[Condition, set[bool]] = {}
        for node, truth in goals:
            for condition, sign in _signs(node, truth):
                signs.setdefault(condition, set()).add(sign)
        tables = {id(table_of[c]): table_of[c] for c in signs}
        self._options = sorted(
            (_options(table, signs, if_set) for table in tables.values()), key=len
        )

    def succeeds(self) -> bool:
        return self._try(0, {})

    def _try(self, place: int, answers: dict[Condition, bool]) -> bool:
        self._steps += 1
        if self._steps > MOST_STEPS:
            return True
        unknown = False
        for node, truth in self._goals:
            value = _value(node, answers)
            if value is None:
                unknown = True
            elif value != truth:
                return False
        if not unknown or place == len(self._options):
            return True
        return any(self._try(place + 1, answers | option) for option in self._options[place])


def _options(
    table: AnswerTable, signs: dict[Condition, set[bool]], if_set: bool
) -> list[dict[Condition, bool]]:
    """The combinations of answers that are worth trying: no other gives all of one and more."""
    columns = [(i, condition) for i, condition in enumerate(table.conditions) if condition in signs]
    rows = {tuple(row[i] for i, _ in columns) for row in table.rows(if_set=if_set)}
    goals = [(at, sign) for at, (_, condition) in enumerate(columns) for sign in signs[condition]]
    gains = {row: frozenset(each for each in goals if row[each[0]] == each[1]) for row in rows}
    best: dict[frozenset[tuple[int, bool]], tuple[bool, ...]] = {}
    for row, gain in sorted(gains.items(), key=lambda each: -len(each[1])):
        if not any(gain <= other for other in best):
            best[gain] = row
    return [
        {condition: row[at] for at, (_, condition) in enumerate(columns)} for row in best.values()
    ]


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


def _value(node: Node, answers: dict[Condition, bool]) -> bool | None:
    """The answer of a node as far as conditions are answered; None if it is open."""
    match node:
        case Not(child):
            value = _value(child, answers)
            return None if value is None else not value
        case All(parts) | Any(parts):
            decisive, is_open = isinstance(node, Any), False
            for part in parts:
                value = _value(part, answers)
                if value is decisive:
                    return decisive
                is_open = is_open or value is None
            return None if is_open else not decisive
    assert isinstance(node, Condition)
    return answers.get(node)
