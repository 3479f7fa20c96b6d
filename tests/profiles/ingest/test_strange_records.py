"""Records with strange values at every place: read, or refused at a place, never a crash."""

from __future__ import annotations

from typing import Any

import pytest

from profiles.ingest.parse import FILE_TIMES, read_event, read_profile
from segmenter.kernel.errors import Invalid
from tests.api.test_fuzz import STRANGE, places, with_value

STATE: dict[str, Any] = {
    "consent": "SUBSCRIBED",
    "consent_timestamp": "2026-01-01",
    "method": "FORM",
    "method_detail": "Footer",
    "custom_method_detail": "Spring",
    "double_optin": True,
    "is_rcs_capable": True,
    "reachability": "explicitly_reachable",
    "suppression": [{"reason": "HARD_BOUNCE", "timestamp": "2026-01-01"}],
}
PROFILE: dict[str, Any] = {
    "id": "7",
    "email": "a@example.com",
    "phone_number": "+46701234567",
    "external_id": "1",
    "first_name": "A",
    "created": "2020-01-01",
    "location": {"zip": "2", "latitude": 1, "longitude": 2, "timezone": "UTC"},
    "properties": {"a": {"b": [1]}},
    "subscriptions": {
        "email": {"marketing": STATE},
        "whatsapp": {"marketing": STATE, "transactional": STATE},
    },
    "lists": [{"name": "Newsletter", "joined": "2020-01-01"}, "Buyers"],
    "patch_properties": {"append": {"a": [1]}, "unappend": {"b": 1}, "unset": ["c"]},
}
EVENT: dict[str, Any] = {
    "metric": "Placed Order",
    "time": "2026-01-01",
    "value": 1,
    "unique_id": "u",
    "properties": {"a": {"b": [1]}},
    "profile": PROFILE,
}
FILES_HOLD = [
    *(10**400, -(10**400), float("nan"), float("inf"), "\0", "\ud800", {"\ud800": 1}),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30", 10**18),
]
"""JSON that a file may hold although the API refuses it."""


@pytest.mark.parametrize("record", [PROFILE, EVENT], ids=["profile", "event"])
def test_strange_values_at_every_place(record: dict[str, Any]) -> None:
    for place in places(record):
        for value in (*STRANGE, *FILES_HOLD):
            try:
                if record is EVENT:
                    read_event(with_value(record, place, value), FILE_TIMES)
                else:
                    read_profile(with_value(record, place, value))
            except Invalid as error:
                (problem,) = error.problems
                assert problem.pointer == "" or problem.pointer.startswith("/")
