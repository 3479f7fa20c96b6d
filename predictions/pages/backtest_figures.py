"""A run's backtest as figures, each with one sentence that a marketer understands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from predictions.numerics.backtest import Check
from predictions.pages.wording import days_text, number, percent

CHECKS = {
    Check.CONVERGED: gettext_lazy("The fit found its parameters"),
    Check.BEATS_BASE_RATE: gettext_lazy("Churn risks beat telling everyone the average"),
    Check.AUC: gettext_lazy("Tells who stays from who leaves (at least 0.6)"),
    Check.TOTAL: gettext_lazy("The total is within a factor of 1.5"),
}


@dataclass(frozen=True)
class Figure:
    name: str
    value: str
    sentence: str


def figures(backtest: Mapping[str, Any]) -> list[Figure]:
    """All figures of a backtest; none if nothing could be fitted."""
    scores = backtest.get("scores")
    if not scores:
        return []
    days = backtest["days"]
    return [
        *_orders(scores["orders"], days),
        *_revenue(scores["revenue"]),
        *_churn(scores["churn"]),
        *_dates(scores["date"]),
        *_challenger(scores, backtest.get("challenger")),
    ]


def _bias(scores: Mapping[str, Any]) -> str:
    bias = scores["bias"]
    if bias is None:
        return gettext("nothing came")
    if abs(bias) < 0.005:
        return gettext("just right")
    many = gettext("%(share)s too many") if bias > 0 else gettext("%(share)s too few")
    return many % {"share": percent(abs(bias))}


def _orders(scores: Mapping[str, Any], days: int) -> Iterator[Figure]:
    yield Figure(
        gettext("Orders in total"),
        _bias(scores),
        gettext("Customers placed %(actual)s orders in the hidden %(days)s; %(told)s were told.")
        % {
            "actual": number(scores["actual"]),
            "days": days_text(days),
            "told": number(scores["predicted"]),
        },
    )
    if scores["mae"] is not None and scores["naive_mae"] is not None:
        yield Figure(
            gettext("Off for one customer"),
            number(scores["mae"], 2),
            gettext(
                "For one customer it is off by %(mae)s orders on average; supposing that everyone"
                " goes on as before is off by %(naive)s."
            )
            % {"mae": number(scores["mae"], 2), "naive": number(scores["naive_mae"], 2)},
        )
    if scores["rank_correlation"] is not None:
        yield Figure(
            gettext("Ranking of customers"),
            number(scores["rank_correlation"], 2),
            gettext(
                "Whether those who were expected to order more did order more: 0 is guessing,"
                " 1 is perfect."
            ),
        )
    if scores["top_decile_share"] is not None:
        yield Figure(
            gettext("Best tenth"),
            percent(scores["top_decile_share"]),
            gettext("The tenth of customers of whom most was expected placed %(share)s of orders.")
            % {"share": percent(scores["top_decile_share"])},
        )


def _revenue(scores: Mapping[str, Any] | None) -> Iterator[Figure]:
    if not scores:
        return
    yield Figure(
        gettext("Revenue in total"),
        _bias(scores),
        gettext("Customers spent %(actual)s; %(told)s was told.")
        % {"actual": number(scores["actual"]), "told": number(scores["predicted"])},
    )
    if scores["top_decile_share"] is not None:
        yield Figure(
            gettext("Revenue of the best tenth"),
            percent(scores["top_decile_share"]),
            gettext("The tenth of customers of whom most was expected spent %(share)s of it all.")
            % {"share": percent(scores["top_decile_share"])},
        )


def _churn(scores: Mapping[str, Any] | None) -> Iterator[Figure]:
    if not scores:
        return
    yield Figure(
        gettext("Churn risk (Brier score)"),
        number(scores["brier"], 3),
        gettext(
            "How far risks are from what happened, lower is better: telling everyone the average"
            " risk would give %(base)s."
        )
        % {"base": number(scores["brier_base"], 3)},
    )
    if scores["auc"] is not None:
        yield Figure(
            gettext("Tells them apart (AUC)"),
            number(scores["auc"], 2),
            gettext(
                "Of one customer who stayed away and one who came back, it gives the first the"
                " higher risk %(n)s times in 100; guessing would 50 times."
            )
            % {"n": number(100 * scores["auc"])},
        )
    yield Figure(
        gettext("Calibration"),
        percent(scores["calibration_error"], 1),
        gettext("A risk that is told is off by %(n)s percentage points on average.")
        % {"n": number(100 * scores["calibration_error"], 1)},
    )


def _dates(scores: Mapping[str, Any] | None) -> Iterator[Figure]:
    if not scores:
        return
    yield Figure(
        gettext("Date of the next order"),
        days_text(scores["mae_days"]),
        gettext(
            "Off by %(days)s on average. %(share)s of those who ordered did so within the range"
            " that was told; it should be about half."
        )
        % {"days": days_text(scores["mae_days"]), "share": percent(scores["coverage"])},
    )


def _challenger(ours: Mapping[str, Any], challenger: Mapping[str, Any] | None) -> Iterator[Figure]:
    if not challenger or challenger["orders"]["mae"] is None or not challenger["churn"]:
        return
    yield Figure(
        gettext("The challenger"),
        number(challenger["orders"]["mae"], 2),
        gettext(
            "Gradient boosting is off by %(mae)s orders for one customer, with a Brier score of"
            " %(brier)s. It is used only after winning both, twice running."
        )
        % {
            "mae": number(challenger["orders"]["mae"], 2),
            "brier": number(challenger["churn"]["brier"], 3),
        },
    )


@dataclass(frozen=True)
class RuleCheck:
    """One check of the publish rule."""

    name: str
    value: str
    passed: bool


def checks(verdicts: list[dict[str, Any]]) -> list[RuleCheck]:
    rows = []
    for verdict in verdicts:
        check, value = Check(verdict["check"]), verdict["value"]
        text = "–" if value is None or check is Check.CONVERGED else number(value, 3)
        if check is Check.BEATS_BASE_RATE and value is not None:
            text = gettext("%(ours)s against %(base)s") % {
                "ours": number(value, 3),
                "base": number(verdict["limit"], 3),
            }
        rows.append(RuleCheck(str(CHECKS[check]), text, verdict["passed"]))
    return rows
