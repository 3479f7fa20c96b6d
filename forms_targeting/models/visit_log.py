"""What visitors saw and submitted: one row each, from which all figures are counted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from forms_targeting.models.form import Form, FormVersion
from segmenter.accounts.models import Account


class Device(models.TextChoices):
    PHONE = "phone", pgettext_lazy("device", "Phone")
    TABLET = "tablet", pgettext_lazy("device", "Tablet")
    DESKTOP = "desktop", pgettext_lazy("device", "Computer")


class FormView(models.Model):
    """One display of a form. Holds nothing about the person."""

    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    form = models.ForeignKey(Form, on_delete=models.CASCADE, db_index=False, related_name="views")
    version = models.ForeignKey(
        FormVersion, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    key = models.UUIDField()
    """Made by the page: a view that is sent twice counts once."""
    at = models.DateTimeField()
    day = models.DateField()
    """In the account's zone."""
    page = models.TextField()
    """Path of the page, without the query."""
    device = models.CharField(max_length=8, choices=Device.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_form_view_per_key"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["form", "day"], name="form_view_by_day"),
        ]

    def __str__(self) -> str:
        return f"view of {self.form_id} at {self.at}"


class FormSubmission(models.Model):
    """One submission of one step. Figures count those that have a `view`'s key once."""

    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    form = models.ForeignKey(
        Form, on_delete=models.CASCADE, db_index=False, related_name="submissions"
    )
    version = models.ForeignKey(
        FormVersion, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    key = models.UUIDField()
    """Made by the page: a submission that is sent again counts once."""
    view = models.UUIDField(null=True)
    """Key of the display in which it was submitted."""
    profile_id = models.BigIntegerField(null=True)
    """Null once the person was erased, or if nothing said who they are."""
    is_first_contact = models.BooleanField(default=False)
    """Whether by it the person got their first address or number."""
    step = models.CharField(max_length=40)
    at = models.DateTimeField()
    day = models.DateField()
    """In the account's zone."""
    page = models.TextField()
    device = models.CharField(max_length=8, choices=Device.choices)
    utm = models.JSONField(default=dict)
    """{source, medium, campaign, term, content} of the visit."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_form_submission_per_key"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["form", "day"], name="form_submission_by_day"),
            models.Index(fields=["account", "profile_id"], name="form_submission_by_person"),
        ]

    def __str__(self) -> str:
        return f"submission of {self.form_id} at {self.at}"
