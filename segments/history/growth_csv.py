"""The growth report as CSV: one row a period, safe to open in a spreadsheet."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from segmenter.kernel.csv_writer import csv_lines
from segments.engine.growth import Growth
from segments.engine.past_growth import ComputedSizes

COLUMNS = ("from", "to", "size", "added", "left", "net")
"""Columns of every file. The causes follow, two columns each, then the versions."""


def growth_file(report: Growth, zone: ZoneInfo, computed: ComputedSizes | None = None) -> bytes:
    """The table of a report as CSV: a header, then the periods, oldest first.

    Times are ISO 8601 with the offset of the zone. `to` is the exclusive end of the period. Only
    causes that moved someone have columns. `definition` has the numbers of the versions that were
    made in the period, and by whom. If sizes were computed back, `source` says which ones.
    """
    causes = [counts.cause for counts in report.causes]
    versions: dict[int, list[str]] = defaultdict(list)
    for marker in report.markers:
        by = f" ({marker.version.user})" if marker.version.user else ""
        versions[marker.period].append(f"{marker.version.number}{by}")
    own = [f"{way}_{cause.value}" for cause in causes for way in ("added", "left")]
    source = ["source"] if computed else []
    rows: list[list[object]] = [[*COLUMNS, *own, "definition", *source]]
    for number, period in enumerate(report.periods):
        if computed and number < computed.left_out:
            continue
        cells: list[object] = [_time(period.start, zone), _time(period.end, zone)]
        size = computed.sizes[number] if computed else None
        if computed and size is not None:
            cells += [size, None, None, computed.change(number), *[None] * len(own)]
        else:
            moves = {counts.cause: (counts.added, counts.left) for counts in period.causes}
            cells += [period.size, period.added, period.left, period.net]
            cells += [n for cause in causes for n in moves.get(cause, (0, 0))]
        cells.append("; ".join(versions[number]))
        if computed:
            cells.append("ledger" if size is None else "computed back")
        rows.append(cells)
    return csv_lines(rows, byte_order_mark=True)


def _time(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat()
