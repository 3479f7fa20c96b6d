"""The page of the test report: what is compared, and what came of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import segments.campaigns.tasks  # noqa: F401 - makes known what starts a count
from profiles.models import List
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid
from segments.campaigns import jobs
from segments.campaigns.comparison import GOALS, Comparison, Contrast
from segments.campaigns.measures import MOST_CAMPAIGNS, REVENUE, ReportPeriod, campaigns_of
from segments.campaigns.report import (
    BEGINNING,
    MOST_SAMPLES,
    check_choice,
    make_report,
    period_of,
)
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
from segments.engine import job_lease
from segments.models import CampaignReport, SampleGroup

MOST_NAME = 500


@dataclass(frozen=True)
class ReportChoice:
    """What is compared, as far as it was chosen; `goal` is always one of GOALS."""

    samples: list[List]
    control: List | None
    campaign: str
    goal: str

    @property
    def lists(self) -> list[List]:
        return [*self.samples, *([self.control] if self.control else [])]

    @property
    def url(self) -> str:
        """The address of the report's page."""
        pairs = [("sample", sample.key) for sample in self.samples]
        pairs += [("control", self.control.key)] if self.control else []
        pairs += [("campaign", self.campaign), ("goal", self.goal)]
        return f"{reverse('segments:test-report')}?{urlencode(pairs)}"


def _choice_of(account: Account, data: QueryDict) -> ReportChoice:
    """Read a choice. Raises Http404 for lists that the account does not have."""
    control = _lists(account, [key for key in [data.get("control", "")] if key])
    goal = data.get("goal", GOALS[0])
    return ReportChoice(
        _lists(account, data.getlist("sample")[: MOST_SAMPLES + 1]),
        control[0] if control else None,
        data.get("campaign", "").replace("\0", "").strip()[:MOST_NAME],
        goal if goal in GOALS else GOALS[0],
    )


@require_GET
@page()
def report(request: SeatRequest) -> HttpResponse:
    """Samples (`sample`, several) against a control in a campaign; what is open is asked for."""
    account, at = request.seat.account, now()
    choice = _choice_of(account, request.GET)
    context: dict[str, Any] = {
        "lists": _choices(account),
        "samples": choice.samples,
        "control": choice.control,
        "campaign": choice.campaign,
        "goal": choice.goal,
        "goals": [(name, LABELS[name]) for name in GOALS],
        "most_campaigns": MOST_CAMPAIGNS,
    }
    if choice.samples and choice.control:
        period = period_of(choice.lists, at)
        context |= _period_context(period)
        context["campaigns"] = campaigns_of(account, choice.lists, period)
        try:
            if choice.campaign:
                context |= _result(account, choice, choice.control, at)
        except Invalid as error:
            context["error"] = " ".join(problem.message for problem in error.problems)
    return render(request, "segments/campaigns/report.html", context)


def _result(account: Account, choice: ReportChoice, control: List, at: datetime) -> dict[str, Any]:
    """The comparisons: counted now, or those that a worker counted, and how far one is."""
    parts = (choice.samples, control, choice.campaign, choice.goal)
    check_choice(*parts)
    if not jobs.is_large(choice.lists):
        tests = make_report(
            account=account,
            samples=choice.samples,
            control=control,
            campaign=choice.campaign,
            goal=choice.goal,
            at=at,
        )
        return {"comparisons": [_comparison_context(each) for each in tests.comparisons]}
    latest, done = jobs.reports_of(account, *parts)
    context: dict[str, Any] = {"is_large": True, "job": latest, "done": done}
    if done is not None:
        tests = jobs.result_of(done)
        context |= _period_context(tests.period)
        context["comparisons"] = [_comparison_context(each) for each in tests.comparisons]
    return context


def _period_context(period: ReportPeriod) -> dict[str, Any]:
    return {"period": period, "since": None if period.since == BEGINNING else period.since}


@require_POST
@page()
def count(request: SeatRequest) -> HttpResponseBase:
    """Have a worker count a report of many people. Whoever may read a report may ask for it."""
    choice = _choice_of(request.seat.account, request.POST)
    if choice.control is not None:
        # What cannot be compared, the report's page says.
        with suppress(Invalid):
            jobs.ask_for_report(
                account=request.seat.account,
                samples=choice.samples,
                control=choice.control,
                campaign=choice.campaign,
                goal=choice.goal,
                user=request.seat.user,
                at=now(),
            )
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": choice.url})
    return redirect(choice.url)


def _report_or_404(request: SeatRequest, report_id: int) -> CampaignReport:
    rows = CampaignReport.objects.filter(account=request.seat.account)
    row = rows.filter(pk=report_id).first() if report_id < 2**63 else None
    if row is None:
        raise Http404
    return row


@require_GET
@page()
def progress(request: SeatRequest, report_id: int) -> HttpResponse:
    """How far a report is counted; once it is, the page is loaded again."""
    job = _report_or_404(request, report_id)
    response = render(request, "segments/campaigns/_progress.html", {"job": job})
    if not job.is_moving:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@page()
def cancel(request: SeatRequest, report_id: int) -> HttpResponseBase:
    """Stop counting a report."""
    job = _report_or_404(request, report_id)
    job_lease.cancel(job, at=now())
    pairs = [("sample", key) for key in job.choice["samples"]]
    pairs += [(name, job.choice[name]) for name in ("control", "campaign", "goal")]
    return redirect(f"{reverse('segments:test-report')}?{urlencode(pairs)}")


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
