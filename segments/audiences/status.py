"""Live connections of audiences on the status page: which of them need somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Account
from segmenter.accounts.status import Section, SectionContent, Trouble, sections
from segments.audiences.network import networks
from segments.models import AudienceConnection, ConnectionState

SEVERAL = 3
"""Failures in a row before a connection counts as failing: one may go wrong."""


@dataclass(frozen=True)
class ConnectionRow:
    """A connection, and the network's name."""

    connection: AudienceConnection
    network: str
    is_failing: bool


def _connections(account: Account, at: datetime) -> SectionContent:
    connections = AudienceConnection.objects.filter(
        account=account, audience__segment__deleted=None
    )
    rows = [
        ConnectionRow(
            each,
            networks[each.audience.network].label,
            each.state == ConnectionState.BROKEN or each.failures >= SEVERAL,
        )
        for each in connections.select_related("audience__segment").order_by(
            "audience__segment__name", "audience__network"
        )
    ]
    failing = sum(row.is_failing for row in rows)
    troubles = []
    if failing:
        troubles.append(
            Trouble(
                "warn",
                ngettext(
                    "%(n)s audience is not kept up to date at its network.",
                    "%(n)s audiences are not kept up to date at their networks.",
                    failing,
                )
                % {"n": failing},
                gettext("The connection says what the network answers, and what to do."),
            )
        )
    return SectionContent({"rows": rows}, tuple(troubles))


sections.add(
    "audiences",
    Section(_("Ad audiences"), "segments/audiences/_status.html", 46, _connections, width="half"),
)
