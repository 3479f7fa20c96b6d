"""The last audits of an account: what they checked, and whether it differed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Account
from segmenter.accounts.status import Section, SectionContent, Trouble, sections
from segments.engine.audit import EVERY
from segments.models import AccountClock, Audit, Segment

OVERDUE = timedelta(hours=2)
"""How long after its due time an audit may begin before the page warns."""
MOST_ROWS = 7

CONCLUSIVE = Q(finished__isnull=False, error="") | Q(differences__gt=0)
"""Audits with a result."""


def last_difference(account_id: int) -> int:
    """Return how many people the last audit had to correct; 0 is good.

    A failed audit counts only with the differences up to its failure.
    """
    rows = Audit.objects.filter(CONCLUSIVE, account=account_id).order_by("-started", "-pk")
    return rows.values_list("differences", flat=True).first() or 0


def _audits(account: Account, at: datetime) -> SectionContent:
    rows = list(Audit.objects.filter(account=account).order_by("-started", "-pk")[:MOST_ROWS])
    clock = AccountClock.objects.filter(account=account).first()
    is_live = Segment.objects.filter(account=account, is_active=True).exists()
    due = clock.audited + EVERY if is_live and clock and clock.audited else None
    wrong = last_difference(account.pk)
    troubles = []
    if wrong:
        troubles.append(
            Trouble(
                "bad",
                ngettext(
                    "The last audit found %(n)s person in the wrong place.",
                    "The last audit found %(n)s people in the wrong place.",
                    wrong,
                )
                % {"n": wrong},
                gettext(
                    "It has set membership right. That it was wrong is a defect: please report"
                    " it with the details below."
                ),
            )
        )
    if rows and rows[0].error:
        troubles.append(
            Trouble(
                "warn",
                gettext("The last audit did not come to its end."),
                gettext("Its reason stands below. Another begins when it is due."),
            )
        )
    if due and at > due + OVERDUE:
        troubles.append(
            Trouble(
                "warn",
                gettext("The audit is overdue."),
                gettext("See whether beat and a worker run; then it begins by itself."),
            )
        )
    return SectionContent({"rows": rows, "due": due}, tuple(troubles))


sections.add(
    "audits", Section(_("Audits"), "segments/health/_audits.html", 70, _audits, width="whole")
)
