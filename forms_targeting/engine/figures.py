"""Views, submissions and revenue of forms, counted from the rows; what counts is in ADR 37.

A display of a form counts once as submitted, at its first submission, whatever the number of steps.
Revenue is that of people who submitted a form for the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

from forms_targeting.engine.view_counts import block_end
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


_COLUMNS = {
    Breakdown.DAY: "day",
    Breakdown.VARIANT: "version_id",
    Breakdown.VERSION: "version_id",
    Breakdown.PAGE: "page",
    Breakdown.DEVICE: "device",
}
"""Variants are sums of their versions."""

# Blocks up to an id and the rows after it: each view once, whatever is counted meanwhile.
_VIEWS = """
    SELECT {parts}, sum(number)::bigint FROM (
        SELECT {columns}, number FROM forms_targeting_formviewcount
        WHERE form_id = %(form)s AND day BETWEEN %(first)s AND %(last)s AND up_to <= %(block)s
        UNION ALL
        SELECT {columns}, 1 FROM forms_targeting_formview
        WHERE form_id = %(form)s AND day BETWEEN %(first)s AND %(last)s AND id > %(block)s
    ) AS view GROUP BY GROUPING SETS ({sets})"""

# Displays are taken from all days until the last one: a display that was submitted before the range
# does not count again in it. A submission without a display counts by itself.
_SUBMISSIONS = """
    SELECT {parts}, count(*) FROM (
        SELECT DISTINCT ON (coalesce(view, key)) {columns}
        FROM forms_targeting_formsubmission
        WHERE form_id = %(form)s AND day <= %(last)s
        ORDER BY coalesce(view, key), at, id
    ) AS display
    WHERE day BETWEEN %(first)s AND %(last)s GROUP BY GROUPING SETS ({sets})"""

_REVENUE = """
    WITH submitter AS MATERIALIZED (
        SELECT * FROM (
            SELECT DISTINCT ON (profile_id) profile_id, at, {columns}
            FROM forms_targeting_formsubmission
            WHERE form_id = %(form)s AND day <= %(last)s AND profile_id IS NOT NULL
            ORDER BY profile_id, at, id
        ) AS earliest WHERE day BETWEEN %(first)s AND %(last)s
    )
    SELECT {parts}, count(*), coalesce(sum(orders), 0)::bigint, coalesce(sum(revenue), 0)
    FROM submitter LEFT JOIN (
        SELECT s.profile_id, count(*) AS orders,
            sum(CASE WHEN value > '-Infinity' AND value < 'Infinity' THEN value ELSE 0 END)
                AS revenue
        FROM submitter s JOIN profiles_event e ON e.profile_id = s.profile_id
        WHERE e.account_id = %(account)s AND e.metric_id = %(order)s
            AND e.time >= s.at AND e.time < s.at + %(span)s AND e.time <= %(at)s
        GROUP BY 1
    ) AS spent USING (profile_id) GROUP BY GROUPING SETS ({sets})"""

_VIEWS_OF_FORMS = """
    SELECT form_id, sum(number)::bigint FROM (
        SELECT form_id, number FROM forms_targeting_formviewcount
        WHERE form_id = ANY(%(forms)s) AND day BETWEEN %(first)s AND %(last)s
            AND up_to <= %(block)s
        UNION ALL
        SELECT form_id, 1 FROM forms_targeting_formview
        WHERE form_id = ANY(%(forms)s) AND day BETWEEN %(first)s AND %(last)s AND id > %(block)s
    ) AS view GROUP BY 1"""

_SUBMISSIONS_OF_FORMS = """
    SELECT form_id, count(*) FROM (
        SELECT DISTINCT ON (form_id, coalesce(view, key)) form_id, day
        FROM forms_targeting_formsubmission
        WHERE form_id = ANY(%(forms)s) AND day <= %(last)s
        ORDER BY form_id, coalesce(view, key), at, id
    ) AS display
    WHERE day BETWEEN %(first)s AND %(last)s GROUP BY 1"""

Parts = dict[Any, FormFigures]
"""Figures for each day, letter, version's id, path of a page or device."""


def count_figures(
    form: Form,
    days: DayRange,
    by: Breakdown,
    *,
    at: datetime,
    revenue_days: int = REVENUE_DAYS,
) -> Parts:
    """Count a form's figures by one thing.

    What has neither views nor submissions is left out. Figures of several parts can be added: each
    view, submission, person and order is in one part only.
    """
    return count_breakdowns(form, days, {by}, at=at, revenue_days=revenue_days)[by]


def count_breakdowns(
    form: Form,
    days: DayRange,
    breakdowns: Iterable[Breakdown],
    *,
    at: datetime,
    revenue_days: int = REVENUE_DAYS,
) -> dict[Breakdown, Parts]:
    """Count a form's figures by several things, reading the rows once."""
    breakdowns = set(breakdowns)
    columns = {_COLUMNS[by] for by in breakdowns}
    values = _values(days) | {
        "form": form.pk,
        "account": form.account_id,
        "order": _order_metric(form.account),
        "span": timedelta(days=revenue_days),
        "at": at,
    }
    counts: dict[str, Parts] = {column: {} for column in columns}
    for column, part, views in _rows(_VIEWS, columns, values):
        _add(counts[column], part, FormFigures(views=views))
    for column, part, submissions in _rows(_SUBMISSIONS, columns, values):
        _add(counts[column], part, FormFigures(submissions=submissions))
    for column, part, people, orders, revenue in _rows(_REVENUE, columns, values):
        _add(counts[column], part, FormFigures(0, 0, people, orders, float(revenue)))
    result = {by: counts[_COLUMNS[by]] for by in breakdowns}
    if Breakdown.VARIANT in result:
        result[Breakdown.VARIANT] = _by_letter(form, result[Breakdown.VARIANT])
    return result


def figures_of_forms(account: Account, days: DayRange) -> dict[int, FormFigures]:
    """Count views and submissions of all forms of an account, by the form's id."""
    forms = list(Form.objects.filter(account=account).values_list("pk", flat=True))
    values = _values(days) | {"forms": forms}
    counts: list[dict[int, int]] = []
    with connection.cursor() as cursor:
        for statement in (_VIEWS_OF_FORMS, _SUBMISSIONS_OF_FORMS):
            cursor.execute(statement, values)
            counts.append(dict(cursor.fetchall()))
    views, submissions = counts
    return {pk: FormFigures(views.get(pk, 0), submissions.get(pk, 0)) for pk in forms}


def _values(days: DayRange) -> dict[str, Any]:
    return {"first": days.first, "last": days.last, "block": block_end()}


def _rows(statement: str, columns: Set[str], values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The column, the part and the counts of each row; of the parts one is not null in each."""
    names = sorted(columns)
    text = statement.format(
        columns=", ".join(sorted(columns | {"day"})),
        parts=", ".join(names),
        sets=", ".join(f"({name})" for name in names),
    )
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        for row in cursor.fetchall():
            place = next(n for n in range(len(names)) if row[n] is not None)
            yield (names[place], row[place], *row[len(names) :])


def _add(parts: Parts, part: Any, figures: FormFigures) -> None:
    parts[part] = parts.get(part, FormFigures()) + figures


def _by_letter(form: Form, by_version: Parts) -> Parts:
    letters = dict(form.versions.values_list("pk", "variant__letter"))
    parts: Parts = {}
    for version, figures in by_version.items():
        _add(parts, letters[version], figures)
    return parts


def _order_metric(account: Account) -> int:
    key = metrics_of(account, choices_of(account)).get("order_metric")
    metric = Metric.objects.filter(account=account, key=key).first() if key else None
    return metric.pk if metric else -1
