"""load_demo_segments: a few segments over the demo's made-up shop, for a first look."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from profiles.demo.made_up_shop import ACCOUNT_SLUG
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.engine.editing import save_segment
from segments.engine.queries import resolve_names
from segments.models import Segment


def _did(metric: str, operator: str, value: int, timeframe: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "profile-metric",
        "metric": metric,
        "measurement": "count",
        "measurement_filter": {"type": "numeric", "operator": operator, "value": value},
        "timeframe_filter": {"type": "date", **timeframe},
    }


def _last(quantity: int, unit: str) -> dict[str, Any]:
    return {"operator": "in-the-last", "quantity": quantity, "unit": unit}


_EVER = {"operator": "alltime"}
_LEAST = "greater-than-or-equal"
_REACHED = {
    "type": "profile-marketing-consent",
    "consent": {
        "channel": "email",
        "can_receive_marketing": True,
        "consent_status": {"subscription": "any"},
    },
}
SEGMENTS: dict[str, list[list[dict[str, Any]]]] = {
    "Bought in the last 30 days": [[_did("Placed Order", _LEAST, 1, _last(30, "day"))]],
    "Almost there": [
        [
            _did("Opened Email", _LEAST, 3, _last(3, "month")),
            _did("Clicked Email", _LEAST, 1, _last(3, "month")),
        ],
        [_did("Placed Order", "equals", 0, _EVER)],
        [_REACHED],
    ],
    "Loyal, now quiet": [
        [_did("Placed Order", _LEAST, 3, _EVER)],
        [_did("Placed Order", "equals", 0, _last(6, "month"))],
        [_REACHED],
    ],
    "Looked today, did not buy": [
        [_did("Viewed Product", _LEAST, 1, _last(24, "hour"))],
        [_did("Placed Order", "equals", 0, _last(7, "day"))],
    ],
}
"""Name to its groups of conditions."""


class Command(BaseCommand):
    help = "Save a few segments in the demo's made-up shop, if it has none; workers build them."

    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=ACCOUNT_SLUG).first()
        if account is None or Segment.objects.filter(account=account).exists():
            return
        for name, groups in SEGMENTS.items():
            definition = {"condition_groups": [{"conditions": group} for group in groups]}
            save_segment(
                account=account,
                user=None,
                name=name,
                definition=resolve_names(account, definition),
                at=now(),
            )
        self.stdout.write(f"{account.name}: {len(SEGMENTS)} segments")
