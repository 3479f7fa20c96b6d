"""The rule that decides whether a person can receive messages on a channel.

Pure: stored values and the moment are passed in. The rules are functions of a few values of one
person; `where` applies one to columns, by calling it once for each combination of values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import reduce
from itertools import product
from operator import and_
from typing import Any, Final, overload

import numpy as np

from profiles.columns.column import Bools, Instants
from profiles.consent_words import WHATSAPP, Channel, ConsentStatus, Reach

ADDRESS: Final[Mapping[str, str]] = {
    Channel.EMAIL.value: "email",
    Channel.SMS.value: "phone_number",
    **dict.fromkeys(WHATSAPP, "phone_number"),
}
"""Channel to the attribute with its address; push needs none."""
STATUSES: Final = tuple(status.value for status in ConsentStatus)
REACHES: Final = tuple(reach.value for reach in Reach)
"""The values of a person's reachability on WhatsApp."""


@overload
def has_begun(dated: datetime | None, at: datetime) -> bool: ...
@overload
def has_begun(dated: Instants, at: int) -> Bools: ...
def has_begun(dated: Any, at: Any) -> Any:
    """Whether a consent or a suppression counts at a moment: from its date on, or always without.

    For columns bool[n], of int64[n] microseconds; NO_INSTANT is before everything.
    """
    return dated is None or dated <= at


def status_of(status: str | None, is_current: bool) -> str:
    """The effective status on a channel, from the last one and whether it has begun."""
    return status if status and is_current else ConsentStatus.NEVER_SUBSCRIBED.value


def stated_reach(reach: str | None, is_current: bool) -> str | None:
    """The stated reachability on WhatsApp if it has begun, else None."""
    return reach if is_current and reach in REACHES else None


def reach_of(status: str, stated: str | None) -> str:
    """A person's reachability on WhatsApp: the stated one, else the one that the status implies."""
    return stated or _IMPLIED.get(status, Reach.IMPLICITLY_UNREACHABLE.value)


_IMPLIED: Final[Mapping[str, str]] = {
    ConsentStatus.SUBSCRIBED.value: Reach.EXPLICITLY_REACHABLE.value,
    ConsentStatus.UNSUBSCRIBED.value: Reach.EXPLICITLY_UNREACHABLE.value,
}


def can_receive(
    channel: str, status: str, stated: str | None, has_address: bool, is_suppressed: bool
) -> bool:
    """Whether a person can receive messages on a channel.

    People who are suppressed or have no address cannot. Otherwise e-mail needs that they have not
    unsubscribed, SMS and push that they have subscribed, WhatsApp that they are reachable.
    """
    if is_suppressed or (channel in ADDRESS and not has_address):
        return False
    if channel == Channel.EMAIL:
        return status != ConsentStatus.UNSUBSCRIBED
    if channel in WHATSAPP:
        return reach_of(status, stated) in (Reach.EXPLICITLY_REACHABLE, Reach.IMPLICITLY_REACHABLE)
    return status == ConsentStatus.SUBSCRIBED


def where(rule: Callable[..., Any], expected: Any, *columns: Mapping[Any, Bools]) -> Bools:
    """bool[n]: the people for whom the rule returns `expected`.

    Each column is an argument of the rule: value to the people who have it; everyone has one.
    """
    matches = np.zeros_like(next(iter(columns[0].values())))
    for combination in product(*(column.items() for column in columns)):
        if rule(*(value for value, _ in combination)) == expected:
            matches |= reduce(and_, (holders for _, holders in combination))
    return matches


def yes_or_no(mask: Bools) -> dict[bool, Bools]:
    """A boolean as a column for `where`."""
    return {True: mask, False: ~mask}
