"""When an account deactivates segments that nobody uses."""

from __future__ import annotations

from django.db import models

from segmenter.accounts.models import Account


class InactivityRule(models.Model):
    """After how many days without use segments are deactivated. Without a row, the defaults."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")
    days = models.PositiveSmallIntegerField(default=45)
    starred_days = models.PositiveSmallIntegerField(default=365)
    is_on = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.days} days, {self.starred_days} with a star"
