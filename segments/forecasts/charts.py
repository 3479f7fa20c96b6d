"""A forecast as a chart: what is expected with its range, and what came."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from predictions.pages.wording import number
from segmenter.kernel import charts
from segments.forecasts.wording import month_names
from segments.models import SegmentForecast

EXPECTED, RANGE, ACTUAL = 1, 1, 2
"""Colours."""


def forecast_charts(forecast: SegmentForecast) -> list[charts.Chart]:
    """A chart of revenue, if it was forecast, and one of orders."""
    if forecast.expected is None:
        return []
    kinds = [kind for kind in ("revenue", "orders") if forecast.expected[kind]]
    return [_chart(forecast.expected, forecast.actual.get(kind, []), kind) for kind in kinds]


def _chart(expected: dict[str, Any], actual: list[float], kind: str) -> charts.Chart:
    amounts, names = expected[kind], month_names(expected)
    months = [date.fromisoformat(month) for month in expected["months"]]
    form = "M Y" if months[0].day == 1 else gettext("j M")  # calendar months, or their first days
    came = [*actual, *[None] * (len(months) - len(actual))]
    title = gettext("Revenue by month") if kind == "revenue" else gettext("Orders by month")
    return charts.draw(
        key=kind,
        title=title,
        summary=gettext(
            "From %(first)s in %(from)s to %(last)s in %(until)s. The table has all figures."
        )
        % {
            "first": number(amounts["expected"][0]),
            "from": names[0],
            "last": number(amounts["expected"][-1]),
            "until": names[-1],
        },
        panels=[
            charts.Panel(
                [
                    charts.Band(
                        gettext("Range that holds 4 times in 5"),
                        amounts["low"],
                        amounts["high"],
                        RANGE,
                    ),
                    charts.ChartLine(
                        pgettext("forecast", "Expected"), amounts["expected"], EXPECTED
                    ),
                    charts.ChartLine(pgettext("forecast", "Came"), came, ACTUAL),
                ],
                220,
                holds=(0,),
            )
        ],
        labels=[date_format(month, form) for month in months],
        slots=[
            _slot_text(name, number(middle), number(low), number(high), value)
            for name, middle, low, high, value in zip(
                names, amounts["expected"], amounts["low"], amounts["high"], came, strict=True
            )
        ],
    )


def _slot_text(month: str, expected: str, low: str, high: str, came: float | None) -> str:
    values = {"month": month, "expected": expected, "low": low, "high": high}
    if came is None:
        return gettext("%(month)s: %(expected)s, between %(low)s and %(high)s") % values
    text = gettext("%(month)s: %(expected)s expected, between %(low)s and %(high)s; %(came)s came")
    return text % {**values, "came": number(came)}
