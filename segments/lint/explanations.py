"""Sentences and fixes of parts that nobody or everyone matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext

from segments.advice import Fix
from segments.definition.codec import encode_part
from segments.definition.conditions.metric import ProfileMetric
from segments.definition.operators import NumberFilter, StaticRange
from segments.definition.repairs import JoinByAnd, JoinByOr, Remove, Replacement
from segments.definition.tree import Any, Condition, Node, conditions
from segments.lint.logic.causes import ConstantCause
from segments.lint.logic.subject import subject_of
from segments.lint.logic.subjects.columns import ColumnSubject
from segments.lint.study import Study


def clause(node: Node, study: Study) -> str:
    """A condition in words, to follow "those"; empty for a part of several conditions."""
    some = [condition for _, condition in conditions(node)]
    is_plain = isinstance(node, Condition) or _is_bare(node)
    return some[0].sentence(study.inspection.catalog) if is_plain else ""


def _is_bare(node: Node) -> bool:
    """Whether a node is a group of one condition."""
    return (
        isinstance(node, Any) and len(node.members) == 1 and isinstance(node.members[0], Condition)
    )


def sentence_of(cause: ConstantCause, study: Study) -> str:
    """Why nobody or everyone matches."""
    clauses = [clause(node, study) for node in cause.nodes]
    if len(clauses) == 1:
        if cause.always:
            return gettext("Everyone matches this condition.")
        return gettext("Nobody can match this condition.")
    if len(clauses) == 2 and all(clauses):
        template = (
            gettext("Everyone is among those %(first)s or among those %(second)s.")
            if cause.always
            else gettext("Nobody can be both among those %(first)s and among those %(second)s.")
        )
        return template % {"first": clauses[0], "second": clauses[1]}
    if cause.always:
        return gettext("Everyone matches one of these conditions.")
    return gettext("Nobody can match all of these conditions.")


def fix_of(cause: ConstantCause, study: Study) -> Fix | None:
    """What removes the cause."""
    if not cause.is_joint:
        condition = cause.nodes[0]
        assert isinstance(condition, Condition)
        other = _otherwise(condition)
        if other is not None:
            label, changed = other
            return study.fix(label, Replacement(cause.pointer, encode_part(changed)))
        return study.fix(gettext("Remove it"), Remove((cause.pointer,)))
    if cause.always:
        if study.theory.possible(*((node, True) for node in cause.nodes)):
            fix = study.counted_fix(gettext("Make it AND"), JoinByAnd(cause.pointers))
            if fix is not None:
                return fix
    elif _are_alternatives(cause.nodes):
        return study.counted_fix(gettext("Make it OR"), JoinByOr(cause.pointers))
    return study.fix(gettext("Remove it"), Remove(_surplus(cause, study)))


def _otherwise(condition: Condition) -> tuple[str, Condition] | None:
    """What was probably meant by a condition that nobody or everyone matches."""
    if not isinstance(condition, ProfileMetric):
        return None
    range_ = condition.timeframe_filter
    if isinstance(range_, StaticRange) and range_.start > range_.end:
        swapped = replace(range_, start=range_.end, end=range_.start)
        return gettext("Swap the dates"), replace(condition, timeframe_filter=swapped)
    test = condition.measurement_filter
    if (
        condition.measurement == "count"
        and isinstance(test, NumberFilter)
        and test.operator == "greater-than-or-equal"
    ):
        once = replace(test, value=1)
        return gettext("Make it at least once"), replace(condition, measurement_filter=once)
    return None


def _are_alternatives(nodes: Sequence[Node]) -> bool:
    """Whether groups of one condition each ask for different values of the same property."""
    if len(nodes) != 2 or not all(map(_is_bare, nodes)):
        return False
    some = [condition for node in nodes for _, condition in conditions(node)]
    subject = subject_of(some[0])
    return isinstance(subject, ColumnSubject) and subject == subject_of(some[1])


def _surplus(cause: ConstantCause, study: Study) -> tuple[str, ...]:
    """The parts of the whole list that would have to go, so that the others make sense together."""
    owner, _, _last = cause.pointer.rpartition("/")
    siblings = [(at, node) for at, node in study.nodes.items() if at.rpartition("/")[0] == owner]
    stays: list[Node] = []
    surplus: list[str] = []
    is_surplus = study.theory.always if cause.always else study.theory.never
    for at, node in siblings:
        if is_surplus(*stays, node):
            surplus.append(at)
        else:
            stays.append(node)
    return tuple(surplus)
