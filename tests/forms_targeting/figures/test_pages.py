"""The page of a form's figures and its file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from forms_targeting.engine.publishing import add_variant, publish
from forms_targeting.models import Form, FormVersion
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from tests.builders.form_traffic import form_submission, form_view
from tests.builders.forms import live_form
from tests.fixtures.cast import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(viewer: User, sign_in: SignIn) -> Client:
    return sign_in(viewer)


@pytest.fixture
def form(account: Account) -> Form:
    """A form of forty days with two variants."""
    form, _version = live_form(account, at=now() - timedelta(days=40))
    add_variant(form=form, at=now())
    publish(form=form, user=None, at=now())
    return form


def versions(form: Form) -> list[FormVersion]:
    rows = form.versions.order_by("variant__letter").select_related("account", "form")
    return list(rows)


def test_a_form_that_nobody_saw_shows_zeros(form: Form, browser: Client) -> None:
    answer = browser.get(f"/forms/{form.key}/")
    assert answer.status_code == 200
    assert "Nobody has seen this form in these days." in answer.content.decode()
    assert len(answer.context["rows"]) == 30
    assert answer.context["verdict"] is None


def test_the_totals_are_those_of_the_table(form: Form, browser: Client) -> None:
    for days, page in ((0, "/"), (3, "/tea"), (3, "/tea"), (35, "/old")):
        key = form_view(versions(form)[0], at=now() - timedelta(days=days), page=page)
    form_submission(versions(form)[0], key, at=now())
    for by in ("day", "variant", "version", "page", "device", "rubbish"):
        answer = browser.get(f"/forms/{form.key}/", {"by": by})
        report = answer.context["report"]
        assert (report.total.views, report.total.submissions) == (3, 1)
        assert sum(row.figures.views for row in answer.context["rows"]) == 3
    answer = browser.get(f"/forms/{form.key}/", {"last": "90", "by": "page"})
    assert answer.context["report"].total.views == 4
    assert answer.context["rows"][0].name == "/tea"


def test_a_range_that_cannot_be_is_corrected(form: Form, browser: Client) -> None:
    for query in (
        {"from": "2999-01-01", "to": "1980-01-01"},
        {"from": "x", "to": "2026-02-30"},
        {"last": "-5", "within": "1e9", "by": "💥"},
    ):
        answer = browser.get(f"/forms/{form.key}/", query)
        assert answer.status_code == 200
        assert answer.context["report"].days.days


def test_variants_are_compared_in_words(form: Form, browser: Client) -> None:
    for version, every in zip(versions(form), (50, 2), strict=True):
        for number in range(200):
            key = form_view(version, at=now())
            if number % every == 0:
                form_submission(version, key, at=now())
    page = browser.get(f"/forms/{form.key}/").content.decode()
    assert "B is better" in page
    assert "50.0% of the displays of B are submitted, 2.0% of A" in page


def test_more_submissions_than_views_break_nothing(form: Form, browser: Client) -> None:
    for version in versions(form):
        form_view(version, at=now())
        for _ in range(9):
            form_submission(version, None, at=now())
    answer = browser.get(f"/forms/{form.key}/")
    assert answer.context["report"].total.submissions == 18
    assert answer.context["total_rate"] == "900.0%"


def test_the_file_has_the_whole_table(form: Form, browser: Client, people: list[Profile]) -> None:
    first = versions(form)[0]
    for number in range(120):
        form_view(first, at=now(), page=f"/{number:03}")
    key = form_view(first, at=now(), page="=cmd()")
    form_submission(first, key, at=now(), page="=cmd()", profile_id=people[0].pk)
    answer = browser.get(f"/forms/{form.key}/figures.csv", {"by": "page"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "newsletter-page-" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 121
    evil = next(row for row in rows if "cmd" in row["page"])
    assert evil == {
        "page": "'=cmd()",
        "views": "1",
        "submissions": "1",
        "rate": "1.0",
        "people": "1",
        "orders": "0",
        "revenue": "0.0",
    }
    page = browser.get(f"/forms/{form.key}/", {"by": "page"})
    assert len(page.context["rows"]) == 100
    assert "21 more are in the file." in page.content.decode()


def test_the_file_by_day_begins_with_the_oldest(form: Form, browser: Client) -> None:
    content = browser.get(f"/forms/{form.key}/figures.csv", {"last": "7"}).content
    days = [line.partition(",")[0] for line in content.decode("utf-8-sig").splitlines()[1:]]
    assert len(days) == 7
    assert days == sorted(days)


def test_htmx_gets_the_figures_alone(form: Form, browser: Client) -> None:
    answer = browser.get(f"/forms/{form.key}/", headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<div class="stack loose" id="figures">')
