"""The last audits of an account: what they recomputed, and whether it differed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Account
from segments.models import AccountClock, Audit
from segments.status.registry import Found, Section, Trouble, sections

EVERY = timedelta(days=1)
OVERDUE = timedelta(hours=2)
"""How much later than due an audit may begin before that is told."""
MOST_SHOWN = 7


def last_difference(account_id: int) -> int:
    """Return how many people the last finished audit found in the wrong place; 0 is good."""
    rows = Audit.objects.filter(account=account_id, finished__isnull=False).order_by("-started")
    return rows.values_list("differences", flat=True).first() or 0


def _audits(account: Account, at: datetime) -> Found:
    rows = list(Audit.objects.filter(account=account).order_by("-started", "-pk")[:MOST_SHOWN])
    clock = AccountClock.objects.filter(account=account).first()
    began = clock.audited if clock and clock.audited else None
    due = (began or account.created) + EVERY
    done = next((row for row in rows if row.finished), None)
    troubles = []
    if done and done.differences:
        troubles.append(
            Trouble(
                "bad",
                ngettext(
                    "The last audit found %(n)s person in the wrong place.",
                    "The last audit found %(n)s people in the wrong place.",
                    done.differences,
                )
                % {"n": done.differences},
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
                gettext("Its reason stands below; it is tried again."),
            )
        )
    if at > due + OVERDUE:
        troubles.append(
            Trouble(
                "warn",
                gettext("The audit is overdue."),
                gettext("See whether beat and a worker run; then it begins by itself."),
            )
        )
    return Found({"rows": rows, "due": due}, tuple(troubles))


sections.add("audits", Section(_("Audits"), "status/_audits.html", 70, _audits, is_wide=True))
