"""Destinations on the status page: which of them need somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Account
from segmenter.accounts.status import Section, SectionContent, Trouble, sections
from segments.destinations.queries import label_of
from segments.models import ConnectionState, Destination

SEVERAL = 3
"""Failures in a row before a destination counts as failing: one may go wrong."""


@dataclass(frozen=True)
class DestinationRow:
    """A destination, and what its kind is called."""

    destination: Destination
    label: str
    is_failing: bool


def _destinations(account: Account, at: datetime) -> SectionContent:
    destinations = Destination.objects.filter(
        account=account, segment__deleted=None
    ).select_related("segment")
    rows = [
        DestinationRow(
            each,
            label_of(each),
            each.state == ConnectionState.BROKEN or each.failures >= SEVERAL,
        )
        for each in destinations.order_by("segment__name", "created")
    ]
    failing = sum(row.is_failing for row in rows)
    troubles = []
    if failing:
        troubles.append(
            Trouble(
                "warn",
                ngettext(
                    "%(n)s destination is not kept up to date.",
                    "%(n)s destinations are not kept up to date.",
                    failing,
                )
                % {"n": failing},
                gettext("Its page says what the receiver answers, and what to do."),
            )
        )
    return SectionContent({"rows": rows}, tuple(troubles))


sections.add(
    "destinations",
    Section(_("Destinations"), "segments/destinations/_status.html", 47, _destinations, "half"),
)
