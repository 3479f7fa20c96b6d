"""Forms, their A/B variants, and the versions of a variant that were published."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from profiles.models import List
from segmenter.accounts.models import Account, User
from segmenter.kernel.keys import new_key


class FormStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("form", "Draft")
    LIVE = "live", pgettext_lazy("form", "Live")
    PAUSED = "paused", pgettext_lazy("form", "Paused")
    ARCHIVED = "archived", pgettext_lazy("form", "Archived")


class Form(models.Model):
    """A form: to whom and when it is shown. What it says is in its variants.

    A form with views or submissions is archived, never deleted: consents refer to its versions.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=6, default=new_key)
    name = models.TextField()
    status = models.CharField(max_length=10, choices=FormStatus.choices, default=FormStatus.DRAFT)
    priority = models.IntegerField(default=100)
    """Of several forms that fit, the one with the smallest number is shown first."""
    rules = models.JSONField(default=list)
    """Who sees it: [{"rule": name, ...}], all of which must hold (`forms_targeting.rules`)."""
    behavior = models.JSONField(default=dict)
    """When it appears and how often (`forms_targeting.triggers`)."""
    list = models.ForeignKey(List, on_delete=models.SET_NULL, null=True, related_name="+")
    """The list that submitters join."""
    double_opt_in = models.BooleanField(default=False)
    """Whether consent to e-mail counts only after a click in a mail."""
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField()
    updated = models.DateTimeField()
    published = models.DateTimeField(null=True)
    """When it last became live, or got new versions while it was."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_form_per_key"),
        ]

    def __str__(self) -> str:
        return self.name


class FormVariant(models.Model):
    """One of the contents that a form is tried with; a form has one or more."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="variants")
    letter = models.CharField(max_length=1)
    """A to F."""
    weight = models.PositiveSmallIntegerField(default=1)
    """Its share of visitors, beside the weights of the others."""
    is_active = models.BooleanField(default=True)
    """Whether visitors are given it. Who saw it before keeps its figures."""
    content = models.JSONField()
    """As it is being edited; visitors see the last version."""
    updated = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "letter"], name="one_variant_per_letter"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id}{self.letter}"


class FormVersion(models.Model):
    """What a variant said from one publication to the next. Never changed."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="versions")
    variant = models.ForeignKey(FormVariant, on_delete=models.CASCADE, related_name="versions")
    key = models.CharField(max_length=8, default=new_key)
    number = models.PositiveIntegerField()
    content = models.JSONField()
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="one_form_version_per_key"),
            models.UniqueConstraint(
                fields=["variant", "number"], name="one_form_version_per_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} version {self.number}"
