"""Consents and suppressions at a moment: statuses, reachability and who can receive marketing.

The rules are in `profiles.reachability`; here they are applied to columns. Shared by the
conditions on consent and permissions, and by the counts of who can be reached.
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
from segments.definition.windows import Moment, edges_between


def start_edges(channel: str, since: Moment, until: Moment) -> Iterator[Crossing]:
    """Dates of consents and suppressions that took effect between two moments."""
    for dates in (ConsentDates(channel, "status_date"), SuppressionDates(channel)):
        for edge in edges_between(since.until_now(), until.until_now()):
            yield Crossing(dates, edge)


def status_masks(people: Population, channel: str, moment: Moment) -> dict[str, Bools]:
    """Status to bool[n]: who has it. A consent dated after the moment does not exist yet."""
    values, in_force = (
        _who_has(people, channel, "status", STATUSES),
        _in_force(people, channel, moment),
    )
    return {status: where(reachability.status_of, status, values, in_force) for status in STATUSES}


def reach_masks(people: Population, channel: str, moment: Moment) -> dict[str, Bools]:
    """Each of REACHES to bool[n]: who has it on WhatsApp. Everyone has exactly one."""
    statuses = status_masks(people, channel, moment)
    stated = _stated_reach(people, channel, moment)
    return {state: where(reachability.reach_of, state, statuses, stated) for state in REACHES}


def can_receive(people: Population, channel: str, moment: Moment) -> Bools:
    """bool[n]: who can receive marketing on a channel."""
    address = reachability.ADDRESS.get(channel)
    has_address = people.attribute(address).is_set if address else people.everybody()
    is_suppressed = people.nobody()
    for reason in SuppressionReason.values:
        dates = people.suppression(channel, reason)
        rows = dates.set_rows
        in_force = has_begun(dates.instant_per_row()[rows], moment.micros)
        is_suppressed[rows[in_force]] = True
    return where(
        partial(reachability.can_receive, channel),
        True,
        status_masks(people, channel, moment),
        _stated_reach(people, channel, moment),
        yes_or_no(has_address),
        yes_or_no(is_suppressed),
    )


def _in_force(people: Population, channel: str, moment: Moment) -> dict[bool, Bools]:
    dates = people.consent(channel, "status_date").instant_per_row()
    return yes_or_no(has_begun(dates, moment.micros))


def _stated_reach(people: Population, channel: str, moment: Moment) -> dict[str | None, Bools]:
    """Explicit reachability on WhatsApp to who has it; None: nothing explicit, as on others."""
    if channel not in WHATSAPP:
        return {None: people.everybody()}
    field_values, in_force = (
        _who_has(people, channel, "reachability", REACHES),
        _in_force(people, channel, moment),
    )
    rule = reachability.stated_reach
    return {state: where(rule, state, field_values, in_force) for state in (*REACHES, None)}


def _who_has(
    people: Population, channel: str, field: str, values: Iterable[str]
) -> dict[str | None, Bools]:
    """Value to who has it in a field, whenever it takes effect; None: who has none of them."""
    column = people.consent(channel, field)
    texts = column.values.texts.to_pylist()
    masks: dict[str | None, Bools] = {
        value: column.spread(np.array([text == value for text in texts], dtype=np.bool_))
        for value in values
    }
    return masks | {None: ~np.logical_or.reduce(list(masks.values()))}


def suppression_dates(people: Population, channel: str, reason: str, moment: Moment) -> Column:
    """Since when people are suppressed. Dates after the moment are unset."""
    dates = people.suppression(channel, reason)
    since = dates.instant_per_row()
    return from_instants(np.where(has_begun(since, moment.micros), since, NO_INSTANT))


def method_mask(
    people: Population, channel: str, method: str, detail: Filter | None, moment: Moment
) -> Bools:
    """bool[n]: who consented or refused by a method; with a filter, whose detail passes it."""
    methods = people.consent(channel, "method")
    same = [text == method for text in methods.values.texts.to_pylist()]
    matches = methods.spread(np.array(same, dtype=np.bool_))
    if detail:
        matches = matches & detail.test(people.consent(channel, "method_detail"), moment)
    return matches
