"""Reports of many people: counted once by a worker, kept, and the same as those counted at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
import time_machine

from predictions.numerics.experiments.amounts import Takings
from predictions.numerics.experiments.proportions import Interval
from profiles.models import List
from segmenter.accounts.models import User
from segmenter.kernel.errors import Invalid
from segments.campaigns import jobs
from segments.campaigns.jobs import (
    DAYS,
    ask_for_report,
    forget_old,
    reports_of,
    result_of,
    run_report,
)
from segments.campaigns.measures import campaigns_of
from segments.campaigns.report import comparison_facts, make_report, period_of
from segments.campaigns.report_json import comparison_json, comparison_of
from segments.engine.job_lease import LEASE, late_jobs
from segments.models import CampaignReport, JobStatus
from tests.fixtures.cast import SignIn
from tests.segments.campaigns.test_pages import address
from tests.segments.campaigns.test_report import CAMPAIGN, NOW, Shop, compared, shop

pytestmark = pytest.mark.django_db

__all__ = ["shop"]


class Killed(BaseException):
    """What a worker feels of kill -9: nothing runs any more."""


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty people are many, and there is no worker but the test."""
    monkeypatch.setattr(jobs, "AT_ONCE", 19)
    monkeypatch.setattr(jobs.report_start, "subscribers", [])


def asked_for(shop: Shop, user: User | None = None, goal: str = "ordered") -> CampaignReport:
    return ask_for_report(
        account=shop.account,
        samples=[shop.sample],
        control=shop.control,
        campaign=CAMPAIGN,
        goal=goal,
        user=user,
        at=NOW,
    )


def counted_report(shop: Shop) -> CampaignReport:
    report = asked_for(shop)
    run_report(report.pk, lambda: NOW)
    report.refresh_from_db()
    assert (report.status, report.error) == (JobStatus.DONE, "")
    return report


def test_the_result_is_that_of_a_report_counted_at_once(shop: Shop) -> None:
    report = counted_report(shop)
    stored_report = result_of(report)
    at_once = make_report(
        account=shop.account,
        samples=[shop.sample],
        control=shop.control,
        campaign=CAMPAIGN,
        at=NOW,
    )
    assert stored_report.period == at_once.period
    facts = [comparison_facts(each, each.comparisons[0]) for each in (stored_report, at_once)]
    assert facts[0] == facts[1]
    assert (report.groups_done, report.groups_total) == (2, 2)


def test_numbers_without_an_end_are_kept_too(shop: Shop) -> None:
    comparison = compared(shop)
    endless = replace(
        comparison,
        revenue=replace(
            comparison.revenue, sample=None, sample_interval=Interval(float("-inf"), float("inf"))
        ),
    )
    again = comparison_of(comparison_json(endless))
    assert again.revenue == endless.revenue
    assert again.rates == endless.rates
    assert again.limits == endless.limits
    people = replace(comparison.sample, takings=Takings(np.array([1.0]), 3), tallies={})
    assert comparison_of(comparison_json(replace(comparison, sample=people))).sample.people == 10


def test_whoever_opens_the_page_first_starts_the_count(
    shop: Shop, viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(viewer)
    with time_machine.travel(NOW, tick=False):
        page = client.get("/test-report", address(shop)).content.decode()
        assert "Many people are on these lists" in page
        assert 'hx-trigger="load, submit"' in page
        answer = client.post("/test-report/count", address(shop), headers={"HX-Request": "true"})
        assert answer.status_code == 204
        report = CampaignReport.objects.get()
        page = client.get(answer["HX-Redirect"]).content.decode()
        assert f"/test-report/{report.pk}/progress" in page
        part = client.get(f"/test-report/{report.pk}/progress")
        assert "Waiting for a worker" in part.content.decode()
        assert "HX-Refresh" not in part
        run_report(report.pk, lambda: NOW)
        assert client.get(f"/test-report/{report.pk}/progress")["HX-Refresh"] == "true"
        page = client.get(answer["HX-Redirect"]).content.decode()
    assert "Wait: nothing is decided yet" in page
    assert "180.00 in all" in page
    assert "Count again" in page
    assert "load, submit" not in page


def test_opening_it_again_counts_nothing(
    shop: Shop, viewer: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted_report(shop)

    def count(*_args: object, **_more: object) -> None:
        raise AssertionError

    monkeypatch.setattr("segments.campaigns.measures.count_group", count)
    page = sign_in(viewer).get("/test-report", address(shop)).content.decode()
    assert "180.00 in all" in page
    assert CampaignReport.objects.count() == 1


def test_few_people_are_counted_while_the_page_waits(
    shop: Shop, viewer: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 20)
    with time_machine.travel(NOW, tick=False):
        page = sign_in(viewer).get("/test-report", address(shop)).content.decode()
    assert "180.00 in all" in page
    assert not CampaignReport.objects.exists()


def test_a_report_that_is_being_counted_is_not_counted_twice(shop: Shop) -> None:
    first = asked_for(shop)
    assert asked_for(shop).pk == first.pk
    assert asked_for(shop, goal="revenue").pk != first.pk
    run_report(first.pk, lambda: NOW)
    again = asked_for(shop)
    assert again.pk != first.pk
    latest, done = reports_of(shop.account, [shop.sample], shop.control, CAMPAIGN, "ordered")
    assert (latest, done) == (again, first)


def test_a_dead_worker_is_replaced_and_the_report_is_of_the_same_instant(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = asked_for(shop)

    def dies(*_args: object, **_more: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("segments.campaigns.measures.people_on_both", dies)
        with pytest.raises(Killed):
            run_report(report.pk, lambda: NOW)
    report.refresh_from_db()
    assert (report.status, report.groups_done) == (JobStatus.RUNNING, 2)
    assert late_jobs(CampaignReport, NOW + LEASE) == [report.pk]
    run_report(report.pk, lambda: NOW + LEASE)
    report.refresh_from_db()
    assert (report.status, report.until) == (JobStatus.DONE, NOW)


def test_one_that_was_cancelled_waits_for_somebody_to_ask_again(
    shop: Shop, viewer: User, sign_in: SignIn
) -> None:
    report, client = asked_for(shop), sign_in(viewer)
    answer = client.post(f"/test-report/{report.pk}/cancel")
    run_report(report.pk, lambda: NOW)
    report.refresh_from_db()
    assert (report.status, report.result) == (JobStatus.CANCELLED, None)
    page = client.get(answer["Location"]).content.decode()
    assert "Counting was cancelled." in page
    assert "load, submit" not in page


def test_a_cancelled_count_stops_at_its_next_step(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = asked_for(shop)
    calls = []

    def cancelled(*_args: object, **_more: object) -> object:
        calls.append(1)
        CampaignReport.objects.update(status=JobStatus.CANCELLED, finished=NOW)
        return compared

    monkeypatch.setattr("segments.campaigns.measures.count_group", cancelled)
    run_report(report.pk, lambda: NOW)
    report.refresh_from_db()
    assert (report.status, len(calls)) == (JobStatus.CANCELLED, 1)


def test_a_list_that_was_deleted_meanwhile_fails_with_words(shop: Shop) -> None:
    report = asked_for(shop)
    List.objects.filter(pk=shop.control.pk).delete()
    run_report(report.pk, lambda: NOW)
    report.refresh_from_db()
    assert report.status == JobStatus.FAILED
    assert report.error == "One of the lists was deleted meanwhile."


def test_what_cannot_be_compared_is_not_counted(shop: Shop, viewer: User, sign_in: SignIn) -> None:
    with pytest.raises(Invalid):
        ask_for_report(
            account=shop.account,
            samples=[shop.control],
            control=shop.control,
            campaign=CAMPAIGN,
            goal="ordered",
            user=None,
            at=NOW,
        )
    client = sign_in(viewer)
    own = client.post("/test-report/count", address(shop, sample=shop.control.key), follow=True)
    assert "A sample cannot be its own control." in own.content.decode()
    for wrong in ({}, address(shop, campaign="")):
        assert client.post("/test-report/count", wrong, follow=True).status_code == 200
    assert client.post("/test-report/count", address(shop, control="nonono")).status_code == 404
    assert not CampaignReport.objects.exists()


def test_a_report_of_another_account_is_not_there(
    shop: Shop, viewer: User, stranger: User, sign_in: SignIn
) -> None:
    report = asked_for(shop)
    client = sign_in(stranger)
    assert client.get(f"/test-report/{report.pk}/progress").status_code == 404
    assert client.post(f"/test-report/{report.pk}/cancel").status_code == 404
    assert client.post("/test-report/count", address(shop)).status_code == 404
    assert sign_in(viewer).get(f"/test-report/{10**30}/progress").status_code == 404


def test_reports_are_kept_for_so_many_days(shop: Shop) -> None:
    counted_report(shop)
    assert forget_old(NOW + timedelta(days=DAYS) - timedelta(seconds=1)) == 0
    assert forget_old(NOW + timedelta(days=DAYS)) == 1


def test_of_long_lists_the_campaigns_of_some_are_offered(shop: Shop) -> None:
    groups = [shop.sample, shop.control]
    period = period_of(groups, NOW)
    assert campaigns_of(shop.account, groups, period, people=3) == [(CAMPAIGN, 6)]
