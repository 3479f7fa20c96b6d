"""People over the API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.fixtures.cast import Response


def now() -> datetime:
    return datetime.now(UTC)


def data_of(response: Response) -> Any:
    return json.loads(response.content)["data"]
