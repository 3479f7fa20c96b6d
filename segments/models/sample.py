"""Samples of segments for tests: what was drawn of what, and the lists that hold the groups."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import pgettext_lazy

from profiles.models import List
from segmenter.accounts.models import Account, User
from segmenter.kernel.keys import new_key
from segments.models.segment import Segment


class SampleStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("sample", "Waiting")
    RUNNING = "running", pgettext_lazy("sample", "Being drawn")
    DONE = "done", pgettext_lazy("sample", "Drawn")
    FAILED = "failed", pgettext_lazy("sample", "Failed")


class Sample(models.Model):
    """One drawing of people from a segment, into groups; each group is a list.

    What was drawn from is kept as it was then: the segment may change or go. While it waits or
    runs, it is also the job that draws it (see `segments.samples.jobs`).
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=6, default=new_key)
    segment = models.ForeignKey(
        Segment, on_delete=models.SET_NULL, null=True, related_name="samples"
    )
    segment_name = models.CharField(max_length=200)
    version = models.IntegerField(null=True)
    """Of the segment's definition; null until somebody is drawn, as are the next ones."""
    definition = models.JSONField(null=True)
    drawn = models.DateTimeField(null=True)
    """The instant of which membership was read, and since which events count in reports."""
    size = models.IntegerField(null=True)
    """Members of the segment then."""
    eligible = models.IntegerField(null=True)
    """Those of them who could be drawn."""

    number = models.IntegerField(null=True)
    percent = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    """One of the two is set."""
    at_least = models.IntegerField(default=0)
    seed = models.BigIntegerField()
    stratify = models.TextField(blank=True)
    """The path of a property, as definitions write it; empty for none."""
    channel = models.CharField(max_length=24, blank=True)
    """Only who can be reached on it is drawn; empty: everyone."""
    excluding = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="complements"
    )
    """A sample whose people are left out: this one is everyone but them."""

    status = models.CharField(
        max_length=8, choices=SampleStatus.choices, default=SampleStatus.WAITING
    )
    tries = models.SmallIntegerField(default=0)
    """How often a worker has taken it over since it last got further."""
    heartbeat = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_sample_per_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["segment", "created"], name="sample_by_segment"),
            models.Index(
                fields=["heartbeat"],
                name="sample_unfinished",
                condition=models.Q(finished=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_name}: {self.key}"

    @property
    def is_processing(self) -> bool:
        return self.finished is None


class SampleGroup(models.Model):
    """One group of a sample and the list that its people are on."""

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="groups")
    place = models.SmallIntegerField()
    name = models.CharField(max_length=60)
    """Such as "A" or "control"; empty where the sample is one group."""
    weight = models.IntegerField(default=1)
    is_control = models.BooleanField(default=False)
    list = models.ForeignKey(List, on_delete=models.SET_NULL, null=True, related_name="+")
    list_name = models.CharField(max_length=200)
    """The list's name when it was made."""
    size = models.IntegerField(null=True)
    """People who were drawn into it."""
    reachable = models.JSONField(default=dict)
    """Channel to how many of them could be reached then."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "place"], name="one_group_per_place")
        ]

    def __str__(self) -> str:
        return self.list_name


class SamplePart(models.Model):
    """People of a group who are to be put on its list: what is left of a drawing under way.

    Who is drawn is written before anyone is put on a list, so whoever takes over goes on with the
    same people.
    """

    group = models.ForeignKey(SampleGroup, on_delete=models.CASCADE, related_name="parts")
    profiles = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{self.group_id}: {self.pk}"
