"""Whether a person may be written to on a channel: the one rule, for whoever asks.

Pure: what is stored and the moment are passed in. The rules are functions of a few values of one
person; `where` applies one to columns, by asking it once for each combination of values.
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
"""Channel to the attribute without which nobody can be written to on it; push needs none."""
STATUSES: Final = tuple(status.value for status in ConsentStatus)
REACHES: Final = tuple(reach.value for reach in Reach)
"""What may be stated of a person on WhatsApp."""


@overload
def has_begun(dated: datetime | None, at: datetime) -> bool: ...
@overload
def has_begun(dated: Instants, at: int) -> Bools: ...
def has_begun(dated: Any, at: Any) -> Any:
    """Whether a consent or a suppression counts at a moment: from its date on, undated always.

    Of columns bool[n], for int64[n] microseconds, in which NO_INSTANT is before everything.
    """
    return dated is None or dated <= at


def status_of(said: str | None, begun: bool) -> str:
    """The status on a channel, from what was said last and whether that has begun."""
    return said if said and begun else ConsentStatus.NEVER_SUBSCRIBED.value


def stated_reach(said: str | None, begun: bool) -> str | None:
    """What is stated of someone on WhatsApp and counts; None if nothing does."""
    return said if begun and said in REACHES else None


def reach_of(status: str, stated: str | None) -> str:
    """Which of REACHES someone is on WhatsApp: what is stated, else what the status implies."""
    return stated or _IMPLIED.get(status, Reach.IMPLICITLY_UNREACHABLE.value)


_IMPLIED: Final[Mapping[str, str]] = {
    ConsentStatus.SUBSCRIBED.value: Reach.EXPLICITLY_REACHABLE.value,
    ConsentStatus.UNSUBSCRIBED.value: Reach.EXPLICITLY_UNREACHABLE.value,
}


def can_receive(
    channel: str, status: str, stated: str | None, has_address: bool, is_suppressed: bool
) -> bool:
    """Whether someone may be written to on a channel.

    Not who is suppressed there or has no address for it. Else e-mail goes to whoever has not
    unsubscribed, SMS and push to whoever has subscribed, WhatsApp to whoever is reachable.
    """
    if is_suppressed or (channel in ADDRESS and not has_address):
        return False
    if channel == Channel.EMAIL:
        return status != ConsentStatus.UNSUBSCRIBED
    if channel in WHATSAPP:
        return reach_of(status, stated) in (Reach.EXPLICITLY_REACHABLE, Reach.IMPLICITLY_REACHABLE)
    return status == ConsentStatus.SUBSCRIBED


def where(rule: Callable[..., Any], wanted: Any, *columns: Mapping[Any, Bools]) -> Bools:
    """bool[n]: of whom the rule says what is wanted.

    Each column is an argument of the rule: its values, each with who has it; everyone has one.
    """
    found = np.zeros_like(next(iter(columns[0].values())))
    for combination in product(*(column.items() for column in columns)):
        if rule(*(value for value, _ in combination)) == wanted:
            found |= reduce(and_, (who for _, who in combination))
    return found


def yes_or_no(who: Bools) -> dict[bool, Bools]:
    """A truth as a column for `where`."""
    return {True: who, False: ~who}
