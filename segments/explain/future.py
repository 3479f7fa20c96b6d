"""When the answer about one person changes by the passing of time alone.

Windows say which dates their edges pass over between two moments (`Condition.edges`). That set
grows with the second moment, so bisection finds the next minute at which an edge meets a date of
the person. Only at those minutes is anything evaluated, by the one evaluator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from profiles.columns.column import Instants
from profiles.columns.dates import Dates
from profiles.columns.population import Population
from segments.definition.tree import Condition, Node, conditions
from segments.definition.windows import Moment
from segments.engine.edges import on_the_minute
from segments.engine.evaluate import Evaluation

HORIZON = timedelta(days=800)
"""How far the prediction reaches."""
MOST_MOMENTS = 500
"""Minutes that are checked for one person and one definition."""
_MINUTE = timedelta(minutes=1)
_FIRST_STEP = 1_440
"""Minutes. Each further step ahead is twice as long."""


@dataclass(frozen=True)
class FutureAnswers:
    """What becomes of an answer if nothing happens but the passing of time."""

    flips: datetime | None
    """The minute at which the answer changes; None if it stays until `known_until`."""
    known_until: datetime
    cut_off: bool
    """Whether there are more dates than were checked, so that the prediction ends early."""


class Future:
    """The future of one person, who is alone in `people`. Answers are computed once.

    Windows of days move at the account's midnight, those of hours with every minute: a date that
    is passed at 14:32:10 takes effect at 14:33.
    """

    def __init__(
        self,
        people: Population,
        at: datetime,
        *,
        horizon: timedelta = HORIZON,
        most: int = MOST_MOMENTS,
    ) -> None:
        self.people, self.at = people, at
        self.end = on_the_minute(at + horizon)
        self._budget = most
        self._evaluations: dict[datetime, Evaluation] = {}
        self._instants: dict[Dates, Instants] = {}
        self._moments: dict[Condition, list[datetime]] = {}
        self._last: dict[Condition, datetime] = {}
        """Up to when all moments of a condition are known, once the search has ended."""

    def evaluation(self, at: datetime) -> Evaluation:
        """The evaluation at a moment."""
        if at not in self._evaluations:
            self._evaluations[at] = Evaluation(self.people, at)
        return self._evaluations[at]

    def met(self, node: Node, at: datetime) -> bool:
        """Whether the person matches a node at a moment."""
        return bool(self.evaluation(at).mask(node)[0])

    def moments(self, node: Node) -> Iterator[datetime]:
        """The minutes, in order, at which the answer may change. It cannot change at others."""
        distinct = dict.fromkeys(condition for _, condition in conditions(node))
        before = None
        for moment in merge(*map(self._moments_of, distinct)):
            if moment != before:
                before = moment
                yield moment

    def outlook(self, node: Node) -> FutureAnswers:
        """When the answer changes."""
        now = self.met(node, self.at)
        last = self.end
        for moment in self.moments(node):
            last = min(self._known_until(node), self.end)
            if moment > last:
                break
            if self.met(node, moment) != now:
                return FutureAnswers(moment, moment, cut_off=False)
        last = min(self._known_until(node), self.end)
        return FutureAnswers(None, last, cut_off=last < self.end)

    def _known_until(self, node: Node) -> datetime:
        """Up to when all moments of a node are known."""
        lasts = [self._last.get(condition, self.end) for _, condition in conditions(node)]
        return min(lasts, default=self.end)

    def _moments_of(self, condition: Condition) -> Iterator[datetime]:
        moments = self._moments.setdefault(condition, [])
        position = 0
        while True:
            if position == len(moments):
                if condition in self._last:
                    return
                after = moments[-1] if moments else self.at
                following = self._next(condition, after)
                if following is None:
                    return
                moments.append(following)
            yield moments[position]
            position += 1

    def _next(self, condition: Condition, after: datetime) -> datetime | None:
        """The first minute after a moment by which an edge meets a date; None if there is none."""
        first = on_the_minute(after) + _MINUTE
        if self._budget <= 0 and self._crosses(condition, after, self.end):
            self._last[condition] = first - _MINUTE
            return None
        self._budget -= 1
        low, high = 0, (self.end - first) // _MINUTE
        step = _FIRST_STEP
        while low + step < high:
            if self._crosses(condition, after, first + (low + step) * _MINUTE):
                high = low + step
                break
            low, step = low + step + 1, 2 * step
        else:
            if high < low or not self._crosses(condition, after, self.end):
                self._last[condition] = self.end
                return None
        while low < high:
            middle = (low + high) // 2
            if self._crosses(condition, after, first + middle * _MINUTE):
                high = middle
            else:
                low = middle + 1
        return first + low * _MINUTE

    def _crosses(self, condition: Condition, since: datetime, until: datetime) -> bool:
        zone = self.people.zone
        return any(
            edge.holds(self._dates(dates), zone).any()
            for dates, edge in condition.edges(Moment(since, zone), Moment(until, zone))
        )

    def _dates(self, dates: Dates) -> Instants:
        if dates not in self._instants:
            _who, when = dates.instants(self.people)
            self._instants[dates] = when
        return self._instants[dates]
