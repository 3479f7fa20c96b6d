"""Parameters that several ready-made segments have, and where their texts come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from segments.definition.paths import write_path
from segments.library.account_values import DefaultValues
from segments.library.conditions import FORM, PRODUCT, VIEW
from segments.library.parameters import NumberParameter

Words = str | Promise
Source = Callable[[DefaultValues, Mapping[str, Any]], Mapping[str, int]]

REGION = "location['region']"
CONTACT_FIELDS = (
    *("Title", "Role", "Customer type", "Organisation type", "Industry", "Age group"),
    *("Interests", "Municipality"),
)
UTM_FIELDS = ("Initial UTM Source", "Initial UTM Medium", "Initial UTM Campaign")

# --- numbers -------------------------------------------------------------------------------------


DAYS, MONTHS, TIMES = _("days"), _("months"), _("times")


def days(number: int, label: Words = _("In the last")) -> NumberParameter:
    return NumberParameter("days", label, number, unit=DAYS)


def months(number: int, label: Words = _("In the last")) -> NumberParameter:
    return NumberParameter("months", label, number, unit=MONTHS)


def times(number: int, label: Words = _("At least")) -> NumberParameter:
    return NumberParameter("times", label, number, unit=TIMES)


def amount_of(
    number: float, label: Words = _("Spent at least"), *, least: float = 0.01
) -> NumberParameter:
    return NumberParameter("amount", label, number, least=least, most=1e12, is_whole=False)


AOV = NumberParameter(
    "aov",
    _("Average order value"),
    lambda source: source.average_order_value,
    least=0,
    most=1e12,
    is_whole=False,
)
ENGAGED_TIMES = NumberParameter("engaged_times", _("Often: opens or clicks"), 3, unit=TIMES)
ENGAGED_MONTHS = NumberParameter(
    "engaged_months", _("Recent opens and clicks: in the last"), 3, unit=MONTHS
)
OFTEN_ORDERS = NumberParameter("orders", _("Often: orders"), 3, least=2, unit=TIMES)
FEW_ORDERS = NumberParameter("few_orders", _("Orders at most"), 2, unit=TIMES)
ORDER_MONTHS = NumberParameter("order_months", _("Recent orders: in the last"), 4, unit=MONTHS)
LAPSED_MONTHS = NumberParameter(
    "lapsed_months", _("Lapsed orders: back to"), 13, unit=MONTHS, at_least="order_months"
)

# --- texts that occur ----------------------------------------------------------------------------


def _event_texts(metric: str, property_: str) -> Source:
    return lambda source, _values: source.of_events(metric, property_)


def people_values(path: str) -> Source:
    """The values of a property of people."""
    return lambda source, _values: source.of_people(path)


def values_of_property(source: DefaultValues, values: Mapping[str, Any]) -> Mapping[str, int]:
    """The values of the custom property that the parameter `property` names."""
    return source.of_people(write_path(str(values.get("property", ""))))


PRODUCT_NAMES = _event_texts(PRODUCT, "Name")
VIEWED_NAMES = _event_texts(VIEW, "Name")
FORM_NAMES = _event_texts(FORM, "Form")
