"""Proof of what a person agreed to or withdrew, and mails that wait for their confirmation."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from forms_targeting.models.form import FormVersion
from forms_targeting.models.visit_log import FormSubmission
from profiles.consent_words import Channel, ConsentStatus
from segmenter.accounts.models import Account


class ProofSource(models.TextChoices):
    FORM = "form", _("Form")
    CONFIRMATION = "confirmation", _("Confirmation by e-mail")
    PREFERENCES = "preferences", _("Preference page")


class ConsentProof(models.Model):
    """One statement of one person about one channel, with its circumstances. Only added."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    profile_id = models.BigIntegerField()
    channel = models.CharField(max_length=24, choices=Channel.choices)
    status = models.CharField(max_length=20, choices=ConsentStatus.choices)
    source = models.CharField(max_length=14, choices=ProofSource.choices)
    version = models.ForeignKey(FormVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    wording = models.TextField()
    """What the person saw, word by word, in the language they saw it in."""
    language = models.CharField(max_length=8)
    page = models.TextField()
    """Address of the page, with its query."""
    address = models.GenericIPAddressField(null=True)
    user_agent = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account", "profile_id", "at"], name="consent_proof_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.channel}: {self.status} at {self.at}"


class OptIn(models.Model):
    """A consent to e-mail that waits for a click in a mail, or got it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    profile_id = models.BigIntegerField()
    email = models.TextField()
    """The address that was asked; the click counts only while it is the person's."""
    submission = models.ForeignKey(
        FormSubmission, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    version = models.ForeignKey(FormVersion, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    """Of the token in the mail's link."""
    wording = models.TextField()
    language = models.CharField(max_length=8)
    page = models.TextField()
    address = models.GenericIPAddressField(null=True)
    user_agent = models.TextField(blank=True)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    confirmed = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account", "email", "created"], name="opt_in_by_address"),
            models.Index(fields=["account", "profile_id"], name="opt_in_by_person"),
        ]

    def __str__(self) -> str:
        return f"opt-in of {self.profile_id} at {self.created}"
