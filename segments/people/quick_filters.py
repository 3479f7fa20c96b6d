"""The quick filters of the list of people: a parameter of the address for each, and its condition.

Each reads the text of its parameter and returns a condition as JSON. A text that it does not know
raises Invalid: a filter that cannot be read must not show everyone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext

from predictions.storage.orders import choices_of, metrics_of
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segments.engine.queries import Inventory

Json = dict[str, Any]
Read = Callable[[Inventory, str], Json]
CHANNELS = ("email", "sms")
DAYS = (7, 30, 90, 365)
NOT = "-"
"""Before the key of a list or segment: who is not in it."""


def conditions_of(inventory: Inventory, query: Mapping[str, str]) -> dict[str, Json]:
    """The conditions that an address asks for, by parameter. Raises Invalid."""
    return {
        name: read(inventory, text) for name, read in FILTERS.items() if (text := query.get(name))
    }


def order_metric(account: Account) -> str | None:
    """The key of the metric of orders, if the account has one."""
    return metrics_of(account, choices_of(account)).get("order_metric")


def _group(inventory: Inventory, text: str) -> Json:
    key = text.removeprefix(NOT)
    if key not in inventory.lists and key not in inventory.segments:
        raise _unknown("group", gettext("There is no such list or segment any more."))
    return {
        "type": "profile-group-membership",
        "is_member": not text.startswith(NOT),
        "group_ids": [key],
    }


def _channel(inventory: Inventory, text: str) -> Json:
    if text not in CHANNELS:
        raise _unknown("can", gettext("There is no such channel."))
    return {
        "type": "profile-marketing-consent",
        "consent": {
            "channel": text,
            "can_receive_marketing": True,
            "consent_status": {"subscription": "any"},
        },
    }


def _country(inventory: Inventory, text: str) -> Json:
    return {
        "type": "profile-property",
        "property": "location['country']",
        "filter": {"type": "string", "operator": "equals", "value": text},
    }


def _ordered(inventory: Inventory, text: str) -> Json:
    metric = order_metric(inventory.account)
    if metric is None or text not in ("yes", "no"):
        raise _unknown("ordered", gettext("There is no metric of orders."))
    test = ("greater-than-or-equal", 1) if text == "yes" else ("equals", 0)
    return {
        "type": "profile-metric",
        "metric_id": metric,
        "measurement": "count",
        "measurement_filter": {"type": "numeric", "operator": test[0], "value": test[1]},
        "timeframe_filter": {"type": "date", "operator": "alltime"},
    }


def _created(inventory: Inventory, text: str) -> Json:
    if text not in map(str, DAYS):
        raise _unknown("created", gettext("There is no such number of days."))
    return {
        "type": "profile-property",
        "property": "created",
        "filter": {
            "type": "date",
            "operator": "in-the-last",
            "quantity": int(text),
            "unit": "day",
        },
    }


def _unknown(name: str, message: str) -> Invalid:
    return Invalid(Problem(f"/{name}", "unknown", message))


FILTERS: Mapping[str, Read] = {
    "group": _group,
    "can": _channel,
    "country": _country,
    "ordered": _ordered,
    "created": _created,
}
"""By parameter, in the order in which they are offered."""
