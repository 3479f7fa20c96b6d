"""Exports on the page of status: those that wait, are made, or failed lately."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

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
from segments.exports.jobs import UNFINISHED
from segments.models import Export, ExportStatus

LATELY = timedelta(days=1)
MOST_ROWS = 5


def _exports(account: Account, at: datetime) -> SectionContent:
    exports = Export.objects.filter(account=account, segment__deleted=None).select_related(
        "segment"
    )
    failures = exports.filter(status=ExportStatus.FAILED, finished__gt=at - LATELY)
    rows = exports.filter(status__in=UNFINISHED).order_by("created", "pk")[:MOST_ROWS]
    troubles = []
    count = failures.count()
    if count:
        what = ngettext("%(n)s export failed today.", "%(n)s exports failed today.", count)
        advice = gettext("Its page says why; it can be made again from there.")
        troubles.append(Trouble("warn", what % {"n": count}, advice))
    context = {"rows": list(rows), "failures": list(failures.order_by("-finished")[:MOST_ROWS])}
    return SectionContent(context, tuple(troubles))


@gauges.register("exports")
def _gauges(at: datetime) -> Iterator[Metric]:
    yield gauge_by_account(
        "segmenter_exports_waiting",
        "Exports that wait for a worker or are being made",
        count_by_account(Export.objects.filter(status__in=UNFINISHED)),
        slugs=account_slugs(),
    )


sections.add("exports", Section(_("Exports"), "segments/exports/_status.html", 48, _exports))
