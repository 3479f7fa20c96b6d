"""Forecasts of segments: what was expected of whom, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from segmenter.accounts.models import Account, User
from segments.models.job import Job
from segments.models.people_block import PeopleBlock
from segments.models.segment import Segment


class SegmentForecast(Job):
    """Expected orders and revenue of a segment's members for the next 12 months, and what came.

    The figures are of the members at `as_of` who had a prediction, whoever enters or leaves later.
    """

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="forecasts")
    as_of = models.DateTimeField(null=True)
    """When its people were members."""
    day = models.DateField(null=True)
    """The last day that the predictions knew of; the first month begins with the next one."""
    members = models.IntegerField(default=0)
    people = models.IntegerField(default=0)
    """Members with a prediction: those whom the figures are of."""
    without = models.JSONField(default=dict)
    """Members without one, by reason: `never_ordered`, `newer`, `unpredictable`."""
    erased = models.IntegerField(default=0)
    """People who were erased since: what came does not include them."""
    expected = models.JSONField(null=True)
    """As `predictions.storage.people_months` writes it."""
    actual = models.JSONField(default=dict)
    """`orders` and `revenue` of the months that are over, one number each."""
    due = models.DateField(null=True)
    """The last day of the first month that is not counted yet; null: there is none."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["segment", "created"], name="forecast_by_segment"),
            models.Index(
                fields=["heartbeat"],
                name="forecast_unfinished",
                condition=models.Q(finished=None),
            ),
            models.Index(
                fields=["due"], name="forecast_due", condition=models.Q(due__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} from {self.day}: {self.status}"


class ForecastBlock(PeopleBlock):
    """Whom a forecast is of. Deleted once all its months are counted."""

    forecast = models.ForeignKey(SegmentForecast, on_delete=models.CASCADE, related_name="blocks")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["forecast", "first_id"], name="one_forecast_block_per_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.forecast_id}: {self.first_id} to {self.last_id}"


class ForecastPlan(models.Model):
    """A segment of which a forecast is made each month."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    segment = models.OneToOneField(Segment, on_delete=models.CASCADE, related_name="forecast_plan")
    month = models.DateField()
    """The first day of the last month for which one was made."""
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.segment_id} monthly"
