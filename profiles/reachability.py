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

EMAIL: Final = "email"
WHATSAPP: Final = ("whatsapp_marketing", "whatsapp_transactional")
ADDRESS: Final[Mapping[str, str]] = {
    EMAIL: "email",
    "sms": "phone_number",
    **dict.fromkeys(WHATSAPP, "phone_number"),
}
"""Channel to the attribute with its address; push needs none."""
SUBSCRIBED, UNSUBSCRIBED, NEVER_SUBSCRIBED = "subscribed", "unsubscribed", "never_subscribed"
STATUSES: Final = (SUBSCRIBED, UNSUBSCRIBED, NEVER_SUBSCRIBED)
_REACHABLE: Final = ("explicitly_reachable", "implicitly_reachable")
REACHES: Final = (*_REACHABLE, "explicitly_unreachable", "implicitly_unreachable")
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
    return status if status and is_current else NEVER_SUBSCRIBED


def stated_reach(reach: str | None, is_current: bool) -> str | None:
    """The stated reachability on WhatsApp if it has begun, else None."""
    return reach if is_current and reach in REACHES else None


def reach_of(status: str, stated: str | None) -> str:
    """A person's reachability on WhatsApp: the stated one, else the one that the status implies."""
    implied = {SUBSCRIBED: "explicitly_reachable", UNSUBSCRIBED: "explicitly_unreachable"}
    return stated or implied.get(status, "implicitly_unreachable")


def can_receive(
    channel: str, status: str, stated: str | None, has_address: bool, is_suppressed: bool
) -> bool:
    """Whether a person can receive messages on a channel.

    People who are suppressed or have no address cannot. Otherwise e-mail needs that they have not
    unsubscribed, SMS and push that they have subscribed, WhatsApp that they are reachable.
    """
    if is_suppressed or (channel in ADDRESS and not has_address):
        return False
    if channel == EMAIL:
        return status != UNSUBSCRIBED
    if channel in WHATSAPP:
        return reach_of(status, stated) in _REACHABLE
    return status == SUBSCRIBED


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
