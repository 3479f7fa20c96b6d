"""What people agreed to on a channel, and what keeps them from being written to, at a moment.

The rules stand in `profiles.reachability`; here they are applied to columns. What the conditions
on consent and on permissions share, and what counts who can be reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np

from profiles import reachability
from profiles.columns.column import Bools, Column, from_instants
from profiles.columns.dates import ConsentDates, SuppressionDates
from profiles.columns.instants import NO_INSTANT
from profiles.columns.population import Population
from profiles.consent_words import WHATSAPP, SuppressionReason
from profiles.reachability import REACHES, STATUSES, has_begun, where, yes_or_no
from segments.definition.operators import Filter
from segments.definition.tree import Crossing
from segments.definition.windows import Moment, moved


def begun_edges(channel: str, since: Moment, until: Moment) -> Iterator[Crossing]:
    """Consents and suppressions whose date came between two moments."""
    for dates in (ConsentDates(channel, "status_date"), SuppressionDates(channel)):
        for edge in moved(since.until_now(), until.until_now()):
            yield Crossing(dates, edge)


def held_status(people: Population, channel: str, moment: Moment) -> dict[str, Bools]:
    """Status to bool[n]: who has it. A consent dated after the moment does not exist yet."""
    said, begun = _said(people, channel, "status", STATUSES), _begun(people, channel, moment)
    return {each: where(reachability.status_of, each, said, begun) for each in STATUSES}


def reach(people: Population, channel: str, moment: Moment) -> dict[str, Bools]:
    """Each of REACHES to bool[n]: who is it on WhatsApp. Everyone is one."""
    statuses = held_status(people, channel, moment)
    stated = _stated(people, channel, moment)
    return {each: where(reachability.reach_of, each, statuses, stated) for each in REACHES}


def can_receive(people: Population, channel: str, moment: Moment) -> Bools:
    """bool[n]: who may be sent marketing on a channel."""
    address = reachability.ADDRESS.get(channel)
    has_address = people.attribute(address).is_set if address else people.everybody()
    is_suppressed = people.nobody()
    for reason in SuppressionReason.values:
        dates = people.suppression(channel, reason)
        rows = dates.set_rows
        begun = has_begun(dates.instant_per_row()[rows], moment.micros)
        is_suppressed[rows[begun]] = True
    return where(
        partial(reachability.can_receive, channel),
        True,
        held_status(people, channel, moment),
        _stated(people, channel, moment),
        yes_or_no(has_address),
        yes_or_no(is_suppressed),
    )


def _begun(people: Population, channel: str, moment: Moment) -> dict[bool, Bools]:
    dates = people.consent(channel, "status_date").instant_per_row()
    return yes_or_no(has_begun(dates, moment.micros))


def _stated(people: Population, channel: str, moment: Moment) -> dict[str | None, Bools]:
    """What is stated of people on WhatsApp, and of whom; nothing on other channels."""
    if channel not in WHATSAPP:
        return {None: people.everybody()}
    said, begun = _said(people, channel, "reachability", REACHES), _begun(people, channel, moment)
    rule = reachability.stated_reach
    return {each: where(rule, each, said, begun) for each in (*REACHES, None)}


def _said(
    people: Population, channel: str, field: str, values: Iterable[str]
) -> dict[str | None, Bools]:
    """Who said each of these values in a field, whenever it begins; None: who said none of them."""
    column = people.consent(channel, field)
    texts = column.values.texts.to_pylist()
    said: dict[str | None, Bools] = {
        value: column.spread(np.array([text == value for text in texts], dtype=np.bool_))
        for value in values
    }
    return said | {None: ~np.logical_or.reduce(list(said.values()))}


def suppressed(people: Population, channel: str, reason: str, moment: Moment) -> Column:
    """Since when people are suppressed; what lies after the moment is unset."""
    dates = people.suppression(channel, reason)
    since = dates.instant_per_row()
    return from_instants(np.where(has_begun(since, moment.micros), since, NO_INSTANT))


def agreed_by(
    people: Population, channel: str, method: str, detail: Filter | None, moment: Moment
) -> Bools:
    """bool[n]: who agreed or refused by a method, with its detail passing a filter if given."""
    methods = people.consent(channel, "method")
    same = [text == method for text in methods.values.texts.to_pylist()]
    found = methods.spread(np.array(same, dtype=np.bool_))
    if detail:
        found = found & detail.test(people.consent(channel, "method_detail"), moment)
    return found
