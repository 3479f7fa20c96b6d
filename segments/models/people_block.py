"""Ids of people in blocks: who is in a file or in a forecast."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class PeopleBlock(models.Model):
    """Some of the people of a row: ids of profiles, ascending, in blocks that follow each other.

    By them an erasure finds the rows that a person is in.
    """

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    ids = ArrayField(models.BigIntegerField())

    class Meta:
        abstract: ClassVar[bool] = True
