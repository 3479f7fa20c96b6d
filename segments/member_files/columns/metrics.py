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
from segmenter.kernel.keys import digest
from segments.definition import spans
from segments.definition.windows import Moment, Unit
from segments.member_files.column import (
    Aggregate,
    CellKind,
    ExportColumn,
    Family,
    Join,
    MemberBlock,
    Outputs,
    Shop,
    families,
)

_NAME = re.compile(
    r"(?P<what>count|sum(?:\((?P<property>[^()]+(?:\([^()]*\)[^()]*)*)\))?)"
    r":(?P<rest>.+)",
    re.DOTALL,
)
_WINDOW = re.compile("all|[1-9][0-9]{0,3}[hdwmy]")
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
    metric, window = _metric(shop, match["rest"]), "all"
    if metric is None:
        rest, _colon, window = match["rest"].rpartition(":")
        metric = _metric(shop, rest)
    if metric is None or not _WINDOW.fullmatch(window):
        return None
    quantity, unit = (0, "d") if window == "all" else (int(window[:-1]), window[-1])
    is_sum = match["what"].startswith("sum")
    metric_id = shop.metric_ids[metric]
    return Measure(metric_id, metric, match["property"], is_sum, quantity, _UNITS[unit])


def _metric(shop: Shop, text: str) -> str | None:
    """The name of the metric with this name or key."""
    return text if text in shop.metric_ids else shop.catalog.metrics.get(text)


def _find(shop: Shop, name: str) -> ExportColumn | None:
    measure = read_measure(shop, name)
    if measure is None:
        return None
    since = measure.since(shop)
    figure = "sum" + digest(measure.of)[:12] if measure.of else "sum" if measure.is_sum else "count"
    output = f"{figure}_{since if measure.quantity else 'all'}"
    alias = f"metric_{measure.metric_id}"
    join = Join(
        partial(_events, alias, measure.metric_id, shop),
        {output: Aggregate(_value(measure), since)},
    )
    value: sql.Composable = sql.Identifier(alias, output)
    if measure.is_sum:  # of floats, whose last digits are chance
        value = sql.SQL("trim_scale(round({}::numeric, 4))").format(value)
    value = sql.SQL("coalesce({}, 0)").format(value)
    kind = CellKind.NUMBER if measure.is_sum else CellKind.INTEGER
    return ExportColumn(name, _label(measure), kind, value, {alias: join})


def _value(measure: Measure) -> sql.Composable:
    """What is counted or summed over events `e`, before FILTER."""
    if not measure.is_sum:
        return sql.SQL("count(*)")
    if measure.of is None:
        return sql.SQL("sum(e.value)")
    return sql.SQL(
        "sum(CASE WHEN jsonb_typeof(e.properties -> {name}) = 'number'"
        " THEN (e.properties ->> {name})::float8 END)"
    ).format(name=sql.Literal(measure.of))


def _events(
    alias: str, metric_id: int, shop: Shop, block: MemberBlock, outputs: Outputs
) -> sql.Composable:
    """One pass over the events of a metric for all that columns want to know of them."""
    figures = [
        sql.SQL("{value} FILTER (WHERE {begin}) AS {name}").format(
            value=aggregate.value,
            begin=_since(aggregate.since, shop),
            name=sql.Identifier(name),
        )
        for name, aggregate in outputs.items()
    ]
    first = min(aggregate.since for aggregate in outputs.values())
    return sql.SQL(
        "LEFT JOIN (SELECT e.profile_id, {figures}"
        " FROM segments_membership o JOIN profiles_event e ON e.profile_id = o.profile_id"
        " WHERE {block} AND o.segment_id = {segment} AND {members} AND e.metric_id = {metric}"
        " AND {begin} AND e.time <= {at} GROUP BY e.profile_id) AS {alias}"
        " ON {alias}.profile_id = p.id"
    ).format(
        figures=sql.SQL(", ").join(figures),
        block=block.of("e"),
        segment=sql.Literal(block.segment_id),
        members=block.of("o"),
        metric=sql.Literal(metric_id),
        begin=_since(first, shop),
        at=sql.Literal(shop.at),
        alias=sql.Identifier(alias),
    )


def _since(micros: int, shop: Shop) -> sql.Composable:
    if micros == FIRST:
        return sql.SQL("true")
    return sql.SQL("e.time >= {}").format(sql.Literal(to_datetime(micros, shop.account.zone)))


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
