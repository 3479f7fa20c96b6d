"""Predictions in words that a marketer understands, in the active language."""

from __future__ import annotations

from django.utils.formats import number_format
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
    standing_of,
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


def number(value: float, digits: int = 0) -> str:
    return number_format(value, digits, force_grouping=True)


def percent(share: float, digits: int = 0) -> str:
    return f"{number(100 * share, digits)} %"


def missing(one: Requirement) -> str:
    """What a requirement still lacks, in a sentence."""
    said = {"value": number(one.value), "least": number(one.least)}
    match one.need:
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
    return words % said


def why_not(standing: PredictionState, lack: Lack) -> str:
    """Why something is not predicted, in a sentence."""
    match lack:
        case Lack.NOT_YET:
            return gettext("Predictions have not been computed yet.")
        case Lack.GATE:
            gate = standing.gate
            failing = [
                one for one in standing.failing if one.need is not GateMeasure.REPEAT_CUSTOMERS
            ]
            if gate is not None and gate.requirements[0].value == 0 and len(failing) > 2:
                return gettext("There are no orders to predict from.")
            return " ".join(missing(one) for one in failing)
        case Lack.NO_MODEL:
            return gettext("No model has passed its test on this shop's orders yet.")
        case Lack.NO_SPEND_MODEL:
            return gettext("Too few customers came back on another day to predict spend.")
        case Lack.GENDER_OFF:
            return gettext("Guessing gender is switched off for this account.")
        case Lack.NEVER:
            return gettext("This is not predicted here.")


def closed_dimensions(account: Account) -> dict[str, str]:
    """Dimension of segments to why it is not there now, of those that are not."""
    standing = standing_of(account)
    lacks = {name: standing.lack_of(name) for name in (*PREDICTED, GENDER, AFFINITY)}
    return {name: why_not(standing, lack) for name, lack in lacks.items() if lack is not None}


def days_told(days: float) -> str:
    n = round(days)
    return ngettext("%(n)s day", "%(n)s days", n) % {"n": number(n)}
