"""What the pages say of a forecast, in the active language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from predictions.pages.wording import number
from segments.models import SegmentForecast


@dataclass(frozen=True)
class AmountCell:
    """An amount of one month or of all: expected, its range, and what came ("" until it is over).

    `level` is "below" or "above" where what came is outside the range, else "".
    """

    expected: str
    low: str
    high: str
    came: str
    level: str


@dataclass(frozen=True)
class MonthRow:
    """A month, or all of them."""

    name: str
    orders: AmountCell
    revenue: AmountCell | None
    is_total: bool = False


def month_names(expected: dict[str, Any]) -> list[str]:
    """The names of a forecast's months: of calendar months their own, else from when to when."""
    begins = [date.fromisoformat(month) for month in expected["months"]]
    if begins[0].day == 1:
        return [date_format(begin, "F Y") for begin in begins]
    lasts = [begin - timedelta(days=1) for begin in begins[1:]]
    lasts.append(date.fromisoformat(expected["until"]))
    return [
        gettext("%(first)s to %(last)s")
        % {"first": date_format(first, gettext("j M")), "last": date_format(last, gettext("j M Y"))}
        for first, last in zip(begins, lasts, strict=True)
    ]


def month_rows(forecast: SegmentForecast) -> list[MonthRow]:
    """A row for each month, and one for all of them."""
    expected, actual = forecast.expected, forecast.actual
    assert expected is not None
    rows = [
        MonthRow(
            name,
            _cell(expected["orders"], actual.get("orders", []), place),
            _cell(expected["revenue"], actual.get("revenue", []), place)
            if expected["revenue"]
            else None,
        )
        for place, name in enumerate(month_names(expected))
    ]
    total = MonthRow(
        gettext("12 months"),
        _total(expected["orders"], actual.get("orders", [])),
        _total(expected["revenue"], actual.get("revenue", [])) if expected["revenue"] else None,
        is_total=True,
    )
    return [*rows, total]


def _cell(amounts: dict[str, Any], actual: list[float], place: int) -> AmountCell:
    came = actual[place] if place < len(actual) else None
    return _amount(amounts["expected"][place], amounts["low"][place], amounts["high"][place], came)


def _total(amounts: dict[str, Any], actual: list[float]) -> AmountCell:
    came = sum(actual) if len(actual) == len(amounts["expected"]) else None
    return _amount(amounts["total"], amounts["total_low"], amounts["total_high"], came)


def _amount(expected: float, low: float, high: float, came: float | None) -> AmountCell:
    level = ""
    if came is not None:
        level = "below" if came < low else "above" if came > high else ""
    text = "" if came is None else number(came)
    return AmountCell(number(expected), number(low), number(high), text, level)


def sentences(forecast: SegmentForecast) -> list[str]:
    """What is expected, and what came so far: one sentence for orders and one for revenue."""
    if forecast.expected is None:
        return []
    kinds = [kind for kind in ("orders", "revenue") if forecast.expected[kind]]
    return [_sentence(forecast, kind) for kind in kinds]


def _sentence(forecast: SegmentForecast, kind: str) -> str:
    assert forecast.expected is not None
    amounts, actual = forecast.expected[kind], forecast.actual.get(kind, [])
    values = {
        "low": number(amounts["total_low"]),
        "high": number(amounts["total_high"]),
        "came": number(sum(actual)),
    }
    is_orders = kind == "orders"
    if len(actual) == len(amounts["expected"]):
        text = (
            gettext("%(low)s to %(high)s orders expected; %(came)s came.")
            if is_orders
            else gettext("%(low)s to %(high)s of revenue expected; %(came)s came.")
        )
        return text % values
    text = (
        gettext("%(low)s to %(high)s orders expected in 12 months.")
        if is_orders
        else gettext("%(low)s to %(high)s of revenue expected in 12 months.")
    )
    if not actual:
        return text % values
    months = len(actual)
    so_far = ngettext(
        "In the first month %(came)s came, where %(expected)s were expected.",
        "In the first %(n)s months %(came)s came, where %(expected)s were expected.",
        months,
    )
    values["n"] = number(months)
    values["expected"] = number(sum(amounts["expected"][:months]))
    return f"{text % values} {so_far % values}"
