"""PostgreSQL's clock, made to jump: a function of the same name is found before its own.

The product asks for the time in one place, by the plain name, and knows nothing of this.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection

from segments.models import AccountClock

PATIENCE = 10.0
WRONG_SECONDS = 3.0
"""How long things go on by the wrong time after it has been noticed."""


def true_now() -> datetime:
    """The time of a client, whose own clock is right."""
    return datetime.now(UTC)


def install() -> None:
    """Put the function in place, for all sessions from now on; those that are open are ended."""
    quote = connection.ops.quote_name
    name = quote(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE SCHEMA chaos; CREATE TABLE chaos.clock AS SELECT interval '0' AS ahead;"
            "CREATE FUNCTION chaos.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
            " 'SELECT pg_catalog.clock_timestamp() + (SELECT ahead FROM chaos.clock)';"
            f"ALTER DATABASE {name} SET search_path = chaos, pg_catalog, public;"
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()


def _set(ahead: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE chaos.clock SET ahead = make_interval(secs => %s)", [ahead.total_seconds()]
        )


def jump(ahead: timedelta) -> Callable[[object], None]:
    """The clock jumps, the jump is accepted, and the clock is corrected."""

    def strike(_instance: object) -> None:
        true = true_now()
        _set(ahead)
        try:
            _wait_until_believed(true, ahead)
            time.sleep(WRONG_SECONDS)
        finally:
            _set(timedelta())

    return strike


def _wait_until_believed(true: datetime, ahead: timedelta) -> None:
    """Until windows have begun to move there, or not yet: 400 days of them take their time."""
    deadline = time.monotonic() + PATIENCE
    some_way = true + ahead / 100
    edge = {"until__gt": some_way} if ahead > timedelta() else {"until__lt": some_way}
    while time.monotonic() < deadline and not AccountClock.objects.filter(**edge).exists():
        time.sleep(0.05)
