"""Views counted in blocks of rows, so that figures of many views need not read each row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from forms_targeting.models.form import Form, FormVersion
from forms_targeting.models.visit_log import Device


class FormViewCount(models.Model):
    """How many views of one block are alike. Rows are only added, a block in one transaction."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, db_index=False, related_name="+")
    version = models.ForeignKey(
        FormVersion, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    day = models.DateField()
    page = models.TextField()
    device = models.CharField(max_length=8, choices=Device.choices)
    number = models.BigIntegerField()
    up_to = models.BigIntegerField()
    """The block: all views with ids up to this one that no block before it has."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["form", "day"], name="form_view_count_by_day"),
            models.Index(fields=["up_to"], name="form_view_count_by_block"),
        ]

    def __str__(self) -> str:
        return f"{self.number} views of {self.form_id} on {self.day}"
