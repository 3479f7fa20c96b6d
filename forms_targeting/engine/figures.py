"""Views, submissions and revenue of forms, counted from the rows; what counts is in ADR 37.

A display of a form counts once as submitted, at its first submission, whatever the number of steps.
Revenue is that of people who submitted a form for the first time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection
from psycopg import sql

from forms_targeting.models import Form
from predictions.storage.orders import choices_of, metrics_of
from profiles.models import Metric
from segmenter.accounts.models import Account

REVENUE_DAYS = 30
"""How long after their first submission the orders of a person count."""
MOST_REVENUE_DAYS = 365


class Breakdown(StrEnum):
    """What figures are counted by."""

    DAY = "day"
    VARIANT = "variant"
    VERSION = "version"
    PAGE = "page"
    DEVICE = "device"


_COLUMNS = {
    Breakdown.DAY: sql.SQL("day"),
    Breakdown.VARIANT: sql.SQL("version_id"),
    Breakdown.VERSION: sql.SQL("version_id"),
    Breakdown.PAGE: sql.SQL("page"),
    Breakdown.DEVICE: sql.SQL("device"),
}


@dataclass(frozen=True)
class FormFigures:
    """What happened to a form, or a part of it, in a range of days."""

    views: int = 0
    submissions: int = 0
    """Displays that were submitted."""
    people: int = 0
    """Who submitted the form for the first time."""
    orders: int = 0
    """Orders of these people in the days after."""
    revenue: float = 0.0

    @property
    def rate(self) -> float | None:
        """Submissions for each view; None without views."""
        return self.submissions / self.views if self.views else None

    def __add__(self, other: FormFigures) -> FormFigures:
        return FormFigures(
            self.views + other.views,
            self.submissions + other.submissions,
            self.people + other.people,
            self.orders + other.orders,
            self.revenue + other.revenue,
        )


@dataclass(frozen=True)
class DayRange:
    """Whole days of the account's zone, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def days_until(today: date, days: int) -> DayRange:
    """Return the range of so many days of which today is the last."""
    return DayRange(today - timedelta(days=days - 1), today)


_VIEWS = """
    SELECT {column}, count(*) FROM forms_targeting_formview
    WHERE form_id = %(form)s AND day BETWEEN %(first)s AND %(last)s GROUP BY 1"""

# Displays are taken from all days until the last one: a display that was submitted before the range
# does not count again in it. A submission without a display counts by itself.
_SUBMISSIONS = """
    SELECT {column}, count(*) FROM (
        SELECT DISTINCT ON (coalesce(view, key)) day, version_id, page, device
        FROM forms_targeting_formsubmission
        WHERE form_id = %(form)s AND day <= %(last)s
        ORDER BY coalesce(view, key), at, id
    ) AS display
    WHERE day BETWEEN %(first)s AND %(last)s GROUP BY 1"""

_VIEWS_OF_FORMS = """
    SELECT form_id, count(*) FROM forms_targeting_formview
    WHERE form_id = ANY(%(forms)s) AND day BETWEEN %(first)s AND %(last)s GROUP BY 1"""

_SUBMISSIONS_OF_FORMS = """
    SELECT form_id, count(*) FROM (
        SELECT DISTINCT ON (form_id, coalesce(view, key)) form_id, day
        FROM forms_targeting_formsubmission
        WHERE form_id = ANY(%(forms)s) AND day <= %(last)s
        ORDER BY form_id, coalesce(view, key), at, id
    ) AS display
    WHERE day BETWEEN %(first)s AND %(last)s GROUP BY 1"""

_REVENUE = """
    WITH submitter AS MATERIALIZED (
        SELECT * FROM (
            SELECT DISTINCT ON (profile_id) profile_id, at, day, version_id, page, device
            FROM forms_targeting_formsubmission
            WHERE form_id = %(form)s AND day <= %(last)s AND profile_id IS NOT NULL
            ORDER BY profile_id, at, id
        ) AS earliest WHERE day BETWEEN %(first)s AND %(last)s
    )
    SELECT {column}, count(*), coalesce(sum(orders), 0), coalesce(sum(revenue), 0)
    FROM submitter LEFT JOIN (
        SELECT s.profile_id, count(*) AS orders,
            sum(CASE WHEN value > '-Infinity' AND value < 'Infinity' THEN value ELSE 0 END)
                AS revenue
        FROM submitter s JOIN profiles_event e ON e.profile_id = s.profile_id
        WHERE e.account_id = %(account)s AND e.metric_id = %(order)s
            AND e.time >= s.at AND e.time < s.at + %(span)s AND e.time <= %(at)s
        GROUP BY 1
    ) AS spent USING (profile_id) GROUP BY 1"""


def count_figures(
    form: Form,
    days: DayRange,
    by: Breakdown,
    *,
    at: datetime,
    revenue_days: int = REVENUE_DAYS,
) -> dict[Any, FormFigures]:
    """Count a form's figures for each day, letter, version's id, path of a page or device.

    What has neither views nor submissions is left out. Figures of several parts can be added: each
    view, submission, person and order is in one part only.
    """
    views, submissions = (_pairs(each, form, days, by) for each in (_VIEWS, _SUBMISSIONS))
    revenue = {
        part: FormFigures(people=people, orders=int(orders), revenue=float(amount))
        for part, people, orders, amount in _rows(
            _REVENUE,
            form,
            days,
            by,
            account=form.account_id,
            order=_order_metric(form.account),
            span=timedelta(days=revenue_days),
            at=at,
        )
    }
    letters: Mapping[Any, str] = (
        dict(form.versions.values_list("pk", "variant__letter")) if by is Breakdown.VARIANT else {}
    )
    result: dict[Any, FormFigures] = {}
    for part in {**views, **submissions, **revenue}:
        figures = FormFigures(views.get(part, 0), submissions.get(part, 0))
        name = letters.get(part, part)
        result[name] = result.get(name, FormFigures()) + figures + revenue.get(part, FormFigures())
    return result


def figures_of_forms(account: Account, days: DayRange) -> dict[int, FormFigures]:
    """Count views and submissions of all forms of an account, by the form's id."""
    forms = list(Form.objects.filter(account=account).values_list("pk", flat=True))
    values: dict[str, Any] = {"forms": forms, "first": days.first, "last": days.last}
    counts: list[dict[int, int]] = []
    with connection.cursor() as cursor:
        for statement in (_VIEWS_OF_FORMS, _SUBMISSIONS_OF_FORMS):
            cursor.execute(statement, values)
            counts.append(dict(cursor.fetchall()))
    views, submissions = counts
    return {pk: FormFigures(views.get(pk, 0), submissions.get(pk, 0)) for pk in forms}


def _pairs(statement: str, form: Form, days: DayRange, by: Breakdown) -> dict[Any, int]:
    return dict(_rows(statement, form, days, by))


def _rows(
    statement: str, form: Form, days: DayRange, by: Breakdown, **values: Any
) -> list[tuple[Any, ...]]:
    text = sql.SQL(statement).format(column=_COLUMNS[by])
    values |= {"form": form.pk, "first": days.first, "last": days.last}
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall()


def _order_metric(account: Account) -> int:
    key = metrics_of(account, choices_of(account)).get("order_metric")
    metric = Metric.objects.filter(account=account, key=key).first() if key else None
    return metric.pk if metric else -1
