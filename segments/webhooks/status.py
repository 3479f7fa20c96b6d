"""The status of webhooks: what waits for them, and which of them fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from prometheus_client import Metric

from segmenter.accounts.models import Account
from segmenter.accounts.status import (
    Section,
    SectionContent,
    Trouble,
    account_slugs,
    count_by_account,
    gauge_by_account,
    gauges,
    sections,
)
from segments.models import Delivery, DeliveryState, Webhook
from segments.models import Reason as WhyNot
from segments.webhooks.deliveries import counts

FAILING_AFTER = 3
"""Consecutive failures after which a webhook counts as failing: a single one may fail."""


@dataclass(frozen=True)
class WebhookRow:
    """A webhook with the numbers of its messages."""

    webhook: Webhook
    pending: int
    failed: int
    is_failing: bool
    why_off: str
    """Why it was switched off automatically; empty if it was not."""


def _webhooks(account: Account, at: datetime) -> SectionContent:
    numbers = counts(account)
    rows = []
    for webhook in Webhook.objects.filter(account=account).order_by("name", "pk"):
        webhook_counts = numbers.get(webhook.pk, {})
        off = webhook.disabled_reason if not webhook.is_active else ""
        rows.append(
            WebhookRow(
                webhook,
                webhook_counts.get("pending", 0),
                webhook_counts.get("failed", 0),
                webhook.is_active and webhook.failures >= FAILING_AFTER,
                str(WhyNot(off).label) if off else "",
            )
        )
    troubles = []
    failing = sum(row.is_failing for row in rows)
    if failing:
        troubles.append(
            Trouble(
                "warn",
                ngettext("%(n)s webhook keeps failing.", "%(n)s webhooks keep failing.", failing)
                % {"n": failing},
                gettext(
                    "The log says what the receiver answers. Messages are sent again with growing"
                    " pauses for a day."
                ),
            )
        )
    off_count = sum(bool(row.why_off) for row in rows)
    if off_count:
        troubles.append(
            Trouble(
                "warn",
                ngettext(
                    "%(n)s webhook was switched off.",
                    "%(n)s webhooks were switched off.",
                    off_count,
                )
                % {"n": off_count},
                gettext("Switch it on again in the settings when messages are wanted."),
            )
        )
    return SectionContent({"rows": rows}, tuple(troubles))


@gauges.register("webhooks")
def _gauges(at: datetime) -> Iterator[Metric]:
    slugs = account_slugs()
    yield gauge_by_account(
        "segmenter_deliveries_pending",
        "Messages that wait to be delivered to webhooks",
        count_by_account(Delivery.objects.filter(state=DeliveryState.PENDING)),
        slugs=slugs,
    )
    yield gauge_by_account(
        "segmenter_webhooks_failing",
        "Webhooks whose last attempts all failed",
        count_by_account(Webhook.objects.filter(is_active=True, failures__gte=FAILING_AFTER)),
        slugs=slugs,
    )


sections.add(
    "webhooks",
    Section(_("Webhooks"), "segments/webhooks/_status.html", 45, _webhooks, width="half"),
)
