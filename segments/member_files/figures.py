"""What a page or report says of a segment's members: who can be reached, what is forecast."""

from __future__ import annotations

from typing import Any

from predictions.storage.people_forecast import forecast_of
from segments.engine.reachable import MARKETING_CHANNELS
from segments.member_files.database_snapshot import DatabaseSnapshot
from segments.member_files.member_rows import ids_query, reach_query
from segments.models import Segment


def figures_of(segment: Segment, snapshot: DatabaseSnapshot, channels: tuple[str, ...]) -> Any:
    """Counts of members who can be reached, and the forecast of those in the file, as JSON.

    `members` and `any`, one for each channel; `forecast` as `PeopleForecast` writes it.
    """
    counts = snapshot.row(reach_query(segment, snapshot.at))
    names = ("members", *MARKETING_CHANNELS, "any")
    ids = ids_query(segment, channels, snapshot.at)
    forecast = forecast_of(segment.account, ids, snapshot.row)
    return {**dict(zip(names, counts, strict=True)), "forecast": forecast.as_json()}
