"""The page of the test report: what is compared, and what came of it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from profiles.models import List
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid
from segments.campaigns.comparison import GOALS, Comparison, Contrast
from segments.campaigns.measures import MOST_CAMPAIGNS, REVENUE, campaigns_of
from segments.campaigns.report import BEGINNING, MOST_SAMPLES, make_report, period_of
from segments.campaigns.wording import (
    LABELS,
    NOTES,
    amount,
    finding_words,
    limit_words,
    percent,
    points,
    verdict_text,
)
from segments.models import SampleGroup

MOST_NAME = 500


@require_GET
@page()
def report(request: SeatRequest) -> HttpResponse:
    """Samples (`sample`, several) against a control in a campaign; what is open is asked for."""
    account, at = request.seat.account, now()
    samples = _lists(account, request.GET.getlist("sample")[: MOST_SAMPLES + 1])
    controls = _lists(account, [key for key in [request.GET.get("control", "")] if key])
    campaign = request.GET.get("campaign", "").replace("\0", "").strip()[:MOST_NAME]
    goal = request.GET.get("goal", GOALS[0])
    context: dict[str, Any] = {
        "lists": _choices(account),
        "samples": samples,
        "control": controls[0] if controls else None,
        "campaign": campaign,
        "goal": goal if goal in GOALS else GOALS[0],
        "goals": [(name, LABELS[name]) for name in GOALS],
        "most_campaigns": MOST_CAMPAIGNS,
    }
    if samples and controls:
        period = period_of([*samples, *controls], at)
        context["period"] = period
        context["since"] = None if period.since == BEGINNING else period.since
        context["campaigns"] = campaigns_of(account, [*samples, *controls], period)
        try:
            if campaign:
                tests = make_report(
                    account=account,
                    samples=samples,
                    control=controls[0],
                    campaign=campaign,
                    goal=context["goal"],
                    at=at,
                )
                context["comparisons"] = [_comparison_context(each) for each in tests.comparisons]
        except Invalid as error:
            context["error"] = " ".join(problem.message for problem in error.problems)
    return render(request, "segments/campaigns/report.html", context)


def _lists(account: Account, keys: list[str]) -> list[List]:
    """The account's lists with these keys, in their order. Raises Http404 for a missing one."""
    unique_keys = list(dict.fromkeys(key for key in keys if "\0" not in key))
    rows = {row.key: row for row in List.objects.filter(account=account, key__in=unique_keys)}
    if len(rows) < len(unique_keys) or len(unique_keys) < len(set(keys)):
        raise Http404
    return [rows[key] for key in unique_keys]


def _choices(account: Account) -> list[dict[str, Any]]:
    """The account's lists to choose from: samples first, the latest first."""
    dates = dict(
        SampleGroup.objects.filter(sample__account=account, list__isnull=False).values_list(
            "list_id", "sample__created"
        )
    )
    rows = List.objects.filter(account=account).order_by("name")
    of_samples = sorted((r for r in rows if r.pk in dates), key=lambda r: dates[r.pk], reverse=True)
    others = [row for row in rows if row.pk not in dates]
    return [{"list": row, "is_sample": row.pk in dates} for row in [*of_samples, *others]]


def _comparison_context(comparison: Comparison) -> dict[str, Any]:
    """A comparison as the page writes it."""
    rows = [
        {
            "label": LABELS[row.measure.value],
            "note": NOTES[row.measure.value],
            "is_goal": row.measure.value == comparison.goal,
            "sample": _cell(row.sample.rate, row.sample_interval, percent),
            "sample_counts": row.sample,
            "control": _cell(row.control.rate, row.control_interval, percent),
            "control_counts": row.control,
            "difference": _difference(row.difference, points, _("points")),
            "words": finding_words(row.difference),
        }
        for row in comparison.rates
    ]
    revenue = comparison.revenue
    rows.append(
        {
            "label": LABELS[REVENUE],
            "note": NOTES[REVENUE],
            "is_goal": comparison.goal == REVENUE,
            "sample": _cell(revenue.sample, revenue.sample_interval, amount),
            "sample_total": amount(revenue.sample_total),
            "control": _cell(revenue.control, revenue.control_interval, amount),
            "control_total": amount(revenue.control_total),
            "difference": _difference(revenue.difference, amount),
            "words": finding_words(revenue.difference, is_money=True),
        }
    )
    return {
        "sample": comparison.sample,
        "control": comparison.control,
        "on_both": comparison.on_both,
        "rows": rows,
        "limits": [
            {
                "label": LABELS[check.limit.measure.value],
                "passed": check.passed,
                "words": limit_words(check),
            }
            for check in comparison.limits
        ],
        "verdict": verdict_text(comparison),
    }


def _cell(value: float | None, interval: Any, write: Any) -> dict[str, str] | None:
    """A number with its interval of 95 %."""
    if value is None:
        return None
    return {"value": write(value), "low": write(interval.low), "high": write(interval.high)}


def _difference(difference: Contrast, write: Any, unit: str = "") -> dict[str, str]:
    """A difference with its interval of 95 %; empty where there is none."""
    if difference.value is None or difference.interval is None:
        return {}
    low, high = difference.interval
    return {
        "value": f"{write(difference.value, signed=True)} {unit}".strip(),
        "low": write(low, signed=True),
        "high": write(high, signed=True),
    }
