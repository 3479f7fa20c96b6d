"""Test reports of many people: counted by a worker, kept, and found again by what they compare."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from profiles.models import List, ListMember
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, Problem
from segmenter.kernel.hook import Hook
from segmenter.kernel.keys import digest
from segments.campaigns.measures import ReportPeriod
from segments.campaigns.report import TestReport, check_choice, make_report
from segments.campaigns.report_json import comparison_json, comparison_of
from segments.engine import job_lease
from segments.engine.job_lease import JobLease
from segments.models import CampaignReport, JobStatus

AT_ONCE = 10_000
"""Reports of at most so many people are counted while the page waits: in less than a second."""
DAYS = 90
"""How long a report is kept."""

report_start = Hook[[int]]()
"""Called with a report's id when it waits for a worker; a lost call does no harm."""


def is_large(lists: Sequence[List]) -> bool:
    """Whether so many people are on some lists that a worker counts what they did."""
    return ListMember.objects.filter(list__in=lists).count() > AT_ONCE


def ask_for_report(
    *,
    account: Account,
    samples: Sequence[List],
    control: List,
    campaign: str,
    goal: str,
    user: User | None,
    at: datetime,
) -> CampaignReport:
    """Have a worker count a report; one that is being counted is as good. Raises Invalid."""
    check_choice(samples, control, campaign, goal)
    choice = _choice(samples, control, campaign, goal)
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        reports = CampaignReport.objects.filter(account=account, digest=_digest(choice))
        unfinished = reports.filter(finished=None).first()
        if unfinished is not None:
            return unfinished
        report = CampaignReport.objects.create(
            account=account,
            user=user,
            choice=choice,
            digest=_digest(choice),
            until=at,
            groups_total=2 * len(samples),
            created=at,
            heartbeat=at,
        )
        report_start.call_after_commit(report.pk)
    return report


def reports_of(
    account: Account, samples: Sequence[List], control: List, campaign: str, goal: str
) -> tuple[CampaignReport | None, CampaignReport | None]:
    """Return the last report that compares these, whatever became of it, and the last result."""
    key = _digest(_choice(samples, control, campaign, goal))
    reports = CampaignReport.objects.filter(account=account, digest=key).order_by("-created", "-pk")
    return reports.first(), reports.filter(status=JobStatus.DONE).first()


def result_of(report: CampaignReport) -> TestReport:
    """Read what a report counted."""
    assert report.result is not None
    period = ReportPeriod(datetime.fromisoformat(report.result["since"]), report.until)
    comparisons = tuple(map(comparison_of, report.result["comparisons"]))
    return TestReport(report.choice["campaign"], period, comparisons)


def _choice(samples: Sequence[List], control: List, campaign: str, goal: str) -> dict[str, Any]:
    return {
        "samples": sorted(sample.key for sample in samples),
        "control": control.key,
        "campaign": campaign,
        "goal": goal,
    }


def _digest(choice: dict[str, Any]) -> str:
    return digest(json.dumps(choice, sort_keys=True))


def run_report(report_id: int, clock: Callable[[], datetime]) -> None:
    """Count a report, unless another worker does."""
    job_lease.carry(CampaignReport, report_id, clock, _count)


def _count(lease: JobLease) -> None:
    report = CampaignReport.objects.select_related("account").get(pk=lease.job.pk)
    choice = report.choice
    keys = [*choice["samples"], choice["control"]]
    rows = List.objects.filter(account=report.account, key__in=keys)
    lists = {group.key: group for group in rows}
    if len(lists) < len(keys):
        raise Conflict(Problem("", "gone", _("One of the lists was deleted meanwhile.")))
    counts = 0

    def progress() -> None:
        nonlocal counts
        counts += 1
        lease.renew(groups_done=counts)

    result = make_report(
        account=report.account,
        samples=[lists[key] for key in choice["samples"]],
        control=lists[choice["control"]],
        campaign=choice["campaign"],
        goal=choice["goal"],
        at=report.until,
        progress=progress,
    )
    content = {
        "since": result.period.since.isoformat(),
        "comparisons": [comparison_json(each) for each in result.comparisons],
    }
    lease.end(JobStatus.DONE, result=content, error="")


def forget_old(at: datetime) -> int:
    """Delete the reports that were kept long enough; return how many."""
    old = CampaignReport.objects.filter(finished__lte=at - timedelta(days=DAYS))
    return old.delete()[0]
