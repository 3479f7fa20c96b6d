"""Predictions in words that a marketer understands, in the active language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from math import isfinite

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from predictions.numerics.bands import Risk
from predictions.numerics.estimators.rfm import Group
from predictions.numerics.gate import GateMeasure, Requirement
from predictions.storage.queries import (
    AFFINITY,
    GENDER,
    PREDICTED,
    Lack,
    PredictionState,
    state_of,
)
from segmenter.accounts.models import Account

GROUP_NAMES = {
    Group.CHAMPIONS: _("Champions"),
    Group.LOYAL: _("Loyal"),
    Group.RECENT: _("Recent"),
    Group.NEEDS_ATTENTION: _("Needs attention"),
    Group.AT_RISK: _("At risk"),
    Group.INACTIVE: _("Inactive"),
}
GENDER_NAMES = {
    "likely_female": _("likely female"),
    "likely_male": _("likely male"),
    "uncertain": _("uncertain"),
}
NEEDS = {
    GateMeasure.HISTORY_DAYS: _("Days since the first order"),
    GateMeasure.RECENT_ORDERS: _("Orders in the last 30 days"),
    GateMeasure.CUSTOMERS: _("Customers with an order"),
    GateMeasure.CUSTOMERS_WITH_SEVERAL_ORDERS: _("Customers with three orders or more"),
    GateMeasure.REPEAT_CUSTOMERS: _("Customers who came back on another day (for predicted spend)"),
}


def risk_name(risk: Risk) -> str:
    names = {
        Risk.LOW: pgettext("risk", "Low"),
        Risk.MEDIUM: pgettext("risk", "Medium"),
        Risk.HIGH: pgettext("risk", "High"),
    }
    return names[risk]


_WIDE = Context(prec=400)
"""Digits enough for any float."""


def number(value: float, digits: int = 0) -> str:
    """A number with so many decimals, rounded half up. Django's own function cuts decimals off."""
    if not isfinite(value):
        return str(value)
    unit = Decimal(1).scaleb(-digits)
    rounded = Decimal(repr(float(value))).quantize(unit, ROUND_HALF_UP, _WIDE)
    return number_format(rounded or abs(rounded), digits, force_grouping=True)


def percent(share: float, digits: int = 0) -> str:
    return f"{number(100 * share, digits)} %"


def requirement_sentence(requirement: Requirement) -> str:
    """A sentence about a requirement that is not met."""
    values = {"value": number(requirement.value), "least": number(requirement.least)}
    match requirement.need:
        case GateMeasure.HISTORY_DAYS:
            words = gettext("The first order is %(value)s days old; it takes %(least)s.")
        case GateMeasure.RECENT_ORDERS:
            return gettext("Nobody has ordered in the last 30 days.")
        case GateMeasure.CUSTOMERS:
            words = gettext("%(value)s customers have ordered; it takes %(least)s.")
        case GateMeasure.CUSTOMERS_WITH_SEVERAL_ORDERS:
            return gettext("No customer has ordered three times.")
        case GateMeasure.REPEAT_CUSTOMERS:
            words = gettext("%(value)s customers came back on another day; it takes %(least)s.")
    return words % values


def why_not(state: PredictionState, lack: Lack) -> str:
    """A sentence that says why something is not predicted."""
    match lack:
        case Lack.NOT_YET:
            return gettext("Predictions have not been computed yet.")
        case Lack.GATE:
            gate = state.gate
            failing = [
                requirement
                for requirement in state.failing
                if requirement.need is not GateMeasure.REPEAT_CUSTOMERS
            ]
            if gate is not None and gate.requirements[0].value == 0 and len(failing) > 2:
                return gettext("There are no orders to predict from.")
            return " ".join(requirement_sentence(requirement) for requirement in failing)
        case Lack.NO_MODEL:
            return gettext("No model has passed its test on this shop's orders yet.")
        case Lack.NO_SPEND_MODEL:
            return gettext("Too few customers came back on another day to predict spend.")
        case Lack.GENDER_OFF:
            return gettext("Guessing gender is switched off for this account.")
        case Lack.NEVER:
            return gettext("This is not predicted here.")


def without_sentences(without: Mapping[str, int], day: date | None) -> list[str]:
    """Who of some people has no prediction as of a day and why, a sentence for each reason.

    `without`: number of people by reason: `never_ordered`, `newer` and `unpredictable`.
    """
    never, newer, other = (
        without[reason] for reason in ("never_ordered", "newer", "unpredictable")
    )
    texts = {
        ngettext(
            "%(n)s person has not ordered yet.", "%(n)s people have not ordered yet.", never
        ): never,
        ngettext(
            "%(n)s person came after %(day)s, the last day that predictions know of.",
            "%(n)s people came after %(day)s, the last day that predictions know of.",
            newer,
        ): newer,
        ngettext(
            "%(n)s person has no prediction: too little can be said from their orders.",
            "%(n)s people have no prediction: too little can be said from their orders.",
            other,
        ): other,
    }
    name = date_format(day, "j M Y") if day else ""
    return [text % {"n": number(n), "day": name} for text, n in texts.items() if n]


def closed_dimensions(account: Account) -> dict[str, str]:
    """The dimensions that are not predicted now, each with a sentence that says why."""
    state = state_of(account)
    lacks = {name: state.lack_of(name) for name in (*PREDICTED, GENDER, AFFINITY)}
    return {name: why_not(state, lack) for name, lack in lacks.items() if lack is not None}


def days_text(days: float) -> str:
    n = round(days)
    return ngettext("%(n)s day", "%(n)s days", n) % {"n": number(n)}
