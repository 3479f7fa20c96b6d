"""What the rules look at: a definition that was counted, with what several rules need of it.

Everything here is computed once for a definition, on first use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from django.utils.formats import number_format

from profiles.columns.column import Bools
from segmenter.kernel.errors import Invalid
from segments.advice import Fix, Inspection
from segments.definition.codec import decode
from segments.definition.conditions.metric import MetricFilter
from segments.definition.conditions.property import ProfileProperty
from segments.definition.limits import measure, too_many, too_nested
from segments.definition.operators import Filter
from segments.definition.repairs import AddGroup, JoinByAnd, NothingLeft, Repair, Replacement
from segments.definition.tree import All, Any, Node, children, replace_node, walk
from segments.lint.figures import MetricHistory, PropertyFigures, history_of
from segments.lint.logic.theory import Theory
from segments.lint.metric_parts import MetricPart, metric_parts
from segments.lint.places import ConditionPlace, places_of


class PropertyTest(NamedTuple):
    """A filter of a property, somewhere in a condition."""

    place: ConditionPlace
    holder: ProfileProperty | MetricFilter
    figures: PropertyFigures
    metric: str

    @property
    def filter(self) -> Filter:
        return self.holder.filter


@dataclass(frozen=True)
class Study:
    """One definition and what is known about it."""

    inspection: Inspection

    @property
    def tree(self) -> All:
        return self.inspection.tree

    @cached_property
    def theory(self) -> Theory:
        return Theory(self.tree, self.inspection.moment)

    @cached_property
    def places(self) -> tuple[ConditionPlace, ...]:
        """All conditions, in their order."""
        return tuple(places_of(self.tree))

    @cached_property
    def metric_parts(self) -> tuple[MetricPart, ...]:
        """All that reads events of a metric."""
        return tuple(part for place in self.places for part in metric_parts(place))

    @cached_property
    def tests(self) -> tuple[PropertyTest, ...]:
        """All filters of properties of people and of events."""
        return tuple(test for place in self.places for test in self._tests(place))

    def _tests(self, place: ConditionPlace) -> Iterator[PropertyTest]:
        people = self.inspection.evaluation.people
        if isinstance(place.condition, ProfileProperty):
            path = place.condition.path
            figures = PropertyFigures(people, path.name, path=path)
            yield PropertyTest(place, place.condition, figures, "")
            return
        for part in metric_parts(place):
            for each in part.filters:
                figures = PropertyFigures(people, each.property, part.metric)
                yield PropertyTest(place, each, figures, part.metric)

    def history(self, metric: str) -> MetricHistory | None:
        """When the events of a metric began and ended; None if there are none."""
        if metric not in self._histories:
            inspection = self.inspection
            people, moment = inspection.evaluation.people, inspection.moment
            self._histories[metric] = history_of(people, metric, moment)
        return self._histories[metric]

    @cached_property
    def _histories(self) -> dict[str, MetricHistory | None]:
        return {}

    def mask(self, node: Node) -> Bools:
        return self.inspection.evaluation.mask(node)

    def count(self, node: Node) -> int:
        """How many people match a node by itself."""
        return int(np.count_nonzero(self.mask(node)))

    def count_after(self, repair: Repair) -> int | None:
        """How many people match after a repair; None if it cannot be made."""
        try:
            if isinstance(repair, JoinByAnd):
                return self.count(self._tree_after(repair))
            return self.count(decode(repair.apply(self.inspection.definition)))
        except (Invalid, NothingLeft):
            return None

    def _tree_after(self, repair: JoinByAnd) -> Node:
        """The tree after a repair. It has the same parts, whose masks are there already."""
        group = repair.pointers[0].rpartition("/conditions/")[0]
        nested = All(tuple(Any((self.nodes[pointer],)) for pointer in repair.pointers))
        rest = (
            child
            for step, child in children(self.nodes[group])
            if group + step not in repair.pointers
        )
        return replace_node(self.tree, group, Any((*rest, nested)))

    def fix(self, label: str, repair: Repair) -> Fix | None:
        """A fix, if it can be made: a definition is limited in depth and size."""
        if isinstance(repair, Replacement):
            return Fix(label, repair)
        if isinstance(repair, AddGroup):
            conditions = len(self.places) + len(repair.conditions)
            return None if too_many(conditions) else Fix(label, repair)
        try:
            size = measure(repair.apply(self.inspection.definition))
        except NothingLeft:
            return None
        return None if too_nested(size) or too_many(size.conditions) else Fix(label, repair)

    def counted_fix(self, label: str, repair: Repair) -> Fix | None:
        """A fix whose label says how many people match afterwards."""
        if self.fix(label, repair) is None:
            return None
        people = self.count_after(repair)
        return None if people is None else Fix(f"{label}: {amount(people)}", repair, people)

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Pointer to node."""
        return dict(walk(self.tree))

    def label(self, test: PropertyTest) -> str:
        """The name of a tested property."""
        of = "event" if test.metric else "profile"
        return self.inspection.catalog.label(of, test.holder.property)


def amount(number: int) -> str:
    """A whole number with the grouping of the language."""
    return number_format(number, force_grouping=True)
