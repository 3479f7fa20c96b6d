"""Test reports of many people: counted by a worker, and kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from segments.models.job import Job


class CampaignReport(Job):
    """Samples against their control in one campaign: what is compared, and the result."""

    choice = models.JSONField()
    """Keys of the lists (`samples`, `control`), `campaign` and `goal`."""
    digest = models.CharField(max_length=64)
    """Of the choice: by it a report is found again."""
    until = models.DateTimeField()
    """The instant up to which events count."""
    groups_done = models.SmallIntegerField(default=0)
    groups_total = models.SmallIntegerField(default=0)
    """Counts of lists: two for each sample."""
    result = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account", "digest", "created"], name="report_by_choice"),
            models.Index(
                fields=["heartbeat"], name="report_unfinished", condition=models.Q(finished=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.choice.get('campaign')}: {self.status}"
