"""What pages say of the people in a file, in the active language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from predictions.pages.wording import number, why_not, without_sentences
from predictions.storage.queries import Lack, state_of
from segmenter.accounts.models import Account


@dataclass(frozen=True)
class ReachCount:
    """How many can be reached, by what."""

    label: str
    people: int
    share: float


@dataclass(frozen=True)
class FigureTexts:
    """Figures of a segment's members as a page shows them."""

    members: int
    reach: list[ReachCount]
    expected: str
    """Empty if nothing is forecast."""
    low: str
    high: str
    people: int
    without: list[str]
    """Who is not in the forecast and why, a sentence each."""


def figure_texts(account: Account, figures: Mapping[str, Any]) -> FigureTexts:
    members = figures["members"]
    labels = {
        "email": gettext("by email"),
        "sms": gettext("by SMS"),
        "push": gettext("by push"),
        "any": gettext("by any of these"),
    }
    reach = [
        ReachCount(label, figures[name], 100 * figures[name] / members if members else 0.0)
        for name, label in labels.items()
    ]
    forecast = figures["forecast"]
    expected, low, high = (
        "" if forecast[name] is None else number(forecast[name])
        for name in ("expected", "low", "high")
    )
    without = _without(account, forecast)
    return FigureTexts(members, reach, expected, low, high, forecast["people"], without)


def _without(account: Account, forecast: Mapping[str, Any]) -> list[str]:
    if forecast["lack"] is not None:
        return [why_not(state_of(account), Lack(forecast["lack"]))]
    return without_sentences(
        forecast, date.fromisoformat(forecast["day"]) if forecast["day"] else None
    )
