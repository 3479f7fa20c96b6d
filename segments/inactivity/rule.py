"""The rule of an account: after how many days without use a segment is deactivated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segments.models import InactivityRule, Segment

NOTICE = timedelta(days=7)
"""From the warning to the deactivation."""
LEAST, MOST = 14, 3_650
"""Days that may be chosen: there must be some before the warning."""


@dataclass(frozen=True)
class UnusedRule:
    """When unused segments are deactivated; never while it is off."""

    days: int = 45
    starred_days: int = 365
    is_on: bool = True

    def limit(self, segment: Segment) -> timedelta:
        """How long a segment may be without use."""
        return timedelta(days=self.starred_days if segment.is_starred else self.days)


def rule_of(account: Account) -> UnusedRule:
    """The account's rule; the defaults if it has none of its own."""
    row = InactivityRule.objects.filter(account=account).first()
    return UnusedRule(row.days, row.starred_days, row.is_on) if row else UnusedRule()


def change_rule(account: Account, rule: UnusedRule) -> None:
    """Set the account's rule. Raises Invalid for days out of range."""
    problems = [
        Problem(
            f"/{name}",
            "invalid",
            gettext("Choose %(least)d to %(most)d days.") % {"least": LEAST, "most": MOST},
        )
        for name, days in (("days", rule.days), ("starred_days", rule.starred_days))
        if not LEAST <= days <= MOST
    ]
    if problems:
        raise Invalid(*problems)
    InactivityRule.objects.update_or_create(
        account=account,
        defaults={"days": rule.days, "starred_days": rule.starred_days, "is_on": rule.is_on},
    )
