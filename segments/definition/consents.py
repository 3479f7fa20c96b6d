"""What people agreed to on a channel, and what keeps them from being written to, at a moment.

What the conditions on consent and on permissions share, and what counts who can be reached.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from profiles import facts
from profiles.columns.column import Bools, Column, from_instants
from profiles.columns.dates import ConsentDates, SuppressionDates
from profiles.columns.instants import NO_INSTANT
from profiles.columns.population import Population
from segments.definition.operators import Filter
from segments.definition.tree import Crossing
from segments.definition.windows import Moment, moved

ADDRESS = {"email": "email", "sms": "phone_number"}
"""Channel to the attribute without which nobody can be written to on it."""


def begun(people: Population, channel: str, moment: Moment) -> Bools:
    """bool[n]: who has said something about a channel that is not dated after the moment."""
    dates = people.consent(channel, "status_date").instant_per_row()
    return people.consent(channel, "status").is_set & (dates < moment.until_now().end)


def begun_edges(channel: str, since: Moment, until: Moment) -> Iterator[Crossing]:
    """Consents and suppressions whose date came between two moments."""
    for dates in (ConsentDates(channel, "status_date"), SuppressionDates(channel)):
        for edge in moved(since.until_now(), until.until_now()):
            yield Crossing(dates, edge)


def held_status(people: Population, channel: str, moment: Moment) -> dict[str, Bools]:
    """Status to bool[n]: who has it. A consent dated after the moment does not exist yet."""
    column = people.consent(channel, "status")
    exists = begun(people, channel, moment)
    texts = column.values.texts.to_pylist()
    held = {
        status: exists & column.spread(np.array([t == status for t in texts], dtype=np.bool_))
        for status in ("subscribed", "unsubscribed")
    }
    return held | {"never_subscribed": ~held["subscribed"] & ~held["unsubscribed"]}


def can_receive(people: Population, channel: str, moment: Moment) -> Bools:
    """bool[n]: who may be sent marketing on a channel.

    E-mail: an address, not unsubscribed. SMS: a number, subscribed. Push: subscribed. And on no
    channel anyone who is suppressed there.
    """
    held = held_status(people, channel, moment)
    may = ~held["unsubscribed"] if channel == "email" else held["subscribed"]
    if channel in ADDRESS:
        may &= people.attribute(ADDRESS[channel]).is_set
    for reason in facts.SUPPRESSION_REASONS:
        dates = people.suppression(channel, reason)
        rows = dates.set_rows
        since = dates.instant_per_row()[rows]
        may[rows[since < moment.until_now().end]] = False
    return may


def suppressed(people: Population, channel: str, reason: str, moment: Moment) -> Column:
    """Since when people are suppressed; what lies after the moment is unset."""
    dates = people.suppression(channel, reason)
    since = dates.instant_per_row()
    return from_instants(np.where(since < moment.until_now().end, since, NO_INSTANT))


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
