"""Counts and sums of a metric over a window, seen from the file's instant.

Names are `count:METRIC`, `count:METRIC:30d`, `sum:METRIC:90d` (of the value) and
`sum(PROPERTY):METRIC:3m`. The window ends at the instant and is reckoned as conditions do: h
hours, d days, w weeks, m months, y years; without one it is all time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

import psycopg.sql as sql
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from profiles.columns.instants import FIRST, to_datetime
from profiles.models import Metric
from segmenter.kernel.keys import digest
from segments.definition import spans
from segments.definition.windows import Moment, Unit
from segments.exports.column import CellKind, ExportColumn, Family, MemberBlock, Shop, families

_NAME = re.compile(
    r"(?P<what>count|sum(?:\((?P<property>[^()]+(?:\([^()]*\)[^()]*)*)\))?)"
    r":(?P<metric>.+?)(?::(?P<window>all|[0-9]{1,4}[hdwmy]))?",
    re.DOTALL,
)
_UNITS: dict[str, Unit] = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}


@dataclass(frozen=True)
class Measure:
    """What a name asks for."""

    metric_id: int
    metric: str
    of: str | None
    """The property that is summed; the event's value without one."""
    is_sum: bool
    quantity: int
    """0 for all time."""
    unit: Unit

    def since(self, shop: Shop) -> int:
        """Microseconds from which on events count."""
        if not self.quantity:
            return FIRST
        return Moment(shop.at, shop.account.zone).in_the_last(self.quantity, self.unit).start

    @property
    def span(self) -> str:
        return spans.RELATIVE["in-the-last"](self.quantity, self.unit) if self.quantity else ""


def read_measure(shop: Shop, name: str) -> Measure | None:
    """What a name asks for; None if it is no name of this kind, or the metric is unknown."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    metrics = Metric.objects.filter(account=shop.account)
    metric = metrics.filter(name=match["metric"]).first()
    metric = metric or metrics.filter(key=match["metric"]).first()
    if metric is None:
        return None
    window = match["window"] or "all"
    quantity, unit = (0, "d") if window == "all" else (int(window[:-1]), window[-1])
    is_sum = match["what"].startswith("sum")
    return Measure(metric.pk, metric.name, match["property"], is_sum, quantity, _UNITS[unit])


def _find(shop: Shop, name: str) -> ExportColumn | None:
    measure = read_measure(shop, name)
    if measure is None:
        return None
    since = measure.since(shop)
    alias = f"metric_{measure.metric_id}_{since if measure.quantity else 'all'}"
    value = sql.SQL("coalesce({}, 0)").format(sql.Identifier(alias, "count"))
    joins = {alias: partial(_events, alias, measure.metric_id, since, shop, None)}
    if measure.is_sum:
        alias = f"{alias}_{digest(measure.of or '')[:12]}"
        joins = {alias: partial(_events, alias, measure.metric_id, since, shop, measure.of)}
        value = sql.SQL("coalesce({}, 0)").format(sql.Identifier(alias, "sum"))
    return ExportColumn(name, _label(measure), CellKind.NUMBER, value, joins)


def _events(
    alias: str, metric_id: int, since: int, shop: Shop, name: str | None, block: MemberBlock
) -> sql.Composable:
    amount: sql.Composable = sql.SQL("e.value")
    if name is not None:
        amount = sql.SQL(
            "CASE WHEN jsonb_typeof(e.properties -> {name}) = 'number'"
            " THEN (e.properties ->> {name})::float8 END"
        ).format(name=sql.Literal(name))
    begin: sql.Composable = sql.SQL("")
    if since > FIRST:
        moment = sql.Literal(to_datetime(since, shop.account.zone))
        begin = sql.SQL("AND e.time >= {}").format(moment)
    return sql.SQL(
        "LEFT JOIN (SELECT e.profile_id, count(*) AS count,"
        " trim_scale(round(sum({amount})::numeric, 4)) AS sum"
        " FROM segments_membership o JOIN profiles_event e ON e.profile_id = o.profile_id"
        " WHERE {block} AND o.segment_id = {segment} AND {members} AND e.metric_id = {metric}"
        " {begin} AND e.time <= {at} GROUP BY e.profile_id) AS {alias}"
        " ON {alias}.profile_id = p.id"
    ).format(
        amount=amount,
        block=block.of("e"),
        segment=sql.Literal(block.segment_id),
        members=block.of("o"),
        metric=sql.Literal(metric_id),
        begin=begin,
        at=sql.Literal(shop.at),
        alias=sql.Identifier(alias),
    )


def _label(measure: Measure) -> str:
    said = {"metric": measure.metric, "property": measure.of, "span": measure.span}
    if not measure.is_sum:
        if measure.quantity:
            return gettext("%(metric)s: times %(span)s") % said
        return gettext("%(metric)s: times in all") % said
    if measure.of is None:
        if measure.quantity:
            return gettext("%(metric)s: value %(span)s") % said
        return gettext("%(metric)s: value in all") % said
    if measure.quantity:
        return gettext("%(metric)s: sum of %(property)s %(span)s") % said
    return gettext("%(metric)s: sum of %(property)s in all") % said


def _offers(shop: Shop) -> list[str]:
    """The commonest for each metric; the page makes the others."""
    names = sorted(shop.catalog.metrics.values(), key=str.casefold)
    return [f"{what}:{name}" for name in names for what in ("count", "sum")]


families.add("metrics", Family(_("What they did"), 80, _offers, _find))
