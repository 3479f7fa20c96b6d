"""Predictions as charts, in the active language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext

from predictions.numerics.bands import Risk
from predictions.pages.wording import number, percent, risk_name
from segmenter.kernel import charts

EXPECTED, RANGE, REAL = 1, 1, 2
"""Colours."""
MOST_MARKS = 12
"""Most orders that are marked; with more, only the line shows them: it falls at each."""
RISK_COLOURS = {Risk.LOW: 2, Risk.MEDIUM: 4, Risk.HIGH: 3}
"""Green, yellow, red."""


def forecast_chart(forecast: Mapping[str, Any], kind: str, cutoff: date) -> charts.Chart:
    """A chart of the `kind` orders or revenue of the coming months, with ranges.

    It begins with the first whole month after the cutoff: what is left of a month would draw a
    cliff. The table has it.
    """
    days = [date.fromisoformat(day) for day in forecast["months"]]
    is_whole = (cutoff + timedelta(days=1)).day == 1
    start = 0 if is_whole or len(days) < 2 else 1
    months = days[start:]
    amounts = {name: forecast[kind][name][start:] for name in ("expected", "low", "high")}
    names = [date_format(month, "F Y") for month in months]
    word = gettext("Revenue") if kind == "revenue" else gettext("Orders")
    rows = list(zip(names, amounts["expected"], amounts["low"], amounts["high"], strict=True))
    return charts.draw(
        key=f"forecast-{kind}",
        title=gettext("Revenue of the next 12 months")
        if kind == "revenue"
        else gettext("Orders of the next 12 months"),
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
                    charts.ChartLine(word, amounts["expected"], EXPECTED),
                ],
                220,
                holds=(0,),
            )
        ],
        labels=[date_format(month, "M Y") for month in months],
        slots=[
            gettext("%(month)s: %(expected)s, between %(low)s and %(high)s")
            % {
                "month": name,
                "expected": number(expected),
                "low": number(low),
                "high": number(high),
            }
            for name, expected, low, high in rows
        ],
    )


def calibration_chart(bins: Sequence[Mapping[str, Any]]) -> charts.Chart:
    """Predicted and actual churn, for bins of customers by increasing risk."""
    predicted = [100 * each["predicted"] for each in bins]
    real = [100 * each["actual"] for each in bins]
    slots = [
        gettext("%(n)s customers: told %(told)s, really %(real)s")
        % {
            "n": number(each["customers"]),
            "told": percent(each["predicted"]),
            "real": percent(each["actual"]),
        }
        for each in bins
    ]
    return charts.draw(
        key="calibration",
        title=gettext("Churn risk told, and who really stayed away"),
        summary=gettext("Where the line meets the bars, the risk was told right.")
        + " "
        + "; ".join(slots),
        panels=[
            charts.Panel(
                [
                    charts.Bars(gettext("Really stayed away, %"), real, REAL),
                    charts.ChartLine(gettext("Risk that was told, %"), predicted, EXPECTED),
                ],
                200,
                holds=(0, 100),
            )
        ],
        labels=[percent(each["predicted"]) for each in bins],
        slots=slots,
    )


def risk_chart(
    days: Sequence[date], risks: Sequence[float], bands: Sequence[Risk], orders: Sequence[date]
) -> charts.Chart:
    """A person's churn risk through time, green, yellow or red, with the orders as marks."""
    lines = []
    for risk in Risk:
        # A segment of the line extends to the next point, so that there are no gaps.
        values = [
            100 * value if band is risk or (i and bands[i - 1] is risk) else None
            for i, (value, band) in enumerate(zip(risks, bands, strict=True))
        ]
        lines.append(charts.ChartLine(risk_name(risk), values, RISK_COLOURS[risk]))
    n, last = len(days), len(days) - 1
    label_positions = {0, last // 2, last} if n > 4 else {0, last}
    span = max((days[-1] - days[0]).days, 1)
    return charts.draw(
        key="risk",
        title=gettext("Churn risk through time, %"),
        summary=gettext("From %(first)s on %(from)s to %(last)s on %(until)s.")
        % {
            "first": percent(risks[0]),
            "from": date_format(days[0], "j M Y"),
            "last": percent(risks[-1]),
            "until": date_format(days[-1], "j M Y"),
        },
        panels=[charts.Panel(lines, 130, holds=(0, 100))],
        labels=[
            date_format(day, "M Y") if i in label_positions else "" for i, day in enumerate(days)
        ],
        slots=[
            gettext("%(day)s: %(risk)s, %(band)s")
            % {"day": date_format(day, "j M Y"), "risk": percent(value), "band": risk_name(band)}
            for day, value, band in zip(days, risks, bands, strict=True)
        ],
        markers=[
            charts.ChartMarker(
                0.5 + (day - days[0]).days / span * last,
                "",
                gettext("Order on %(day)s") % {"day": date_format(day, "j M Y")},
            )
            for day in (orders if len(orders) <= MOST_MARKS else ())
        ],
    )
