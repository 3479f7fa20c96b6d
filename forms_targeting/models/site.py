"""The shop's own site: where its pages are, and how it proves who is signed in there."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from segmenter.accounts.models import Account


class Site(models.Model):
    """One for each account that uses forms."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")
    domains = ArrayField(models.TextField(), default=list)
    """Hosts of the shop's pages, "example.com" or "*.example.com", with a port if it has one."""
    identity_secret = models.TextField(blank=True)
    """Encrypted (`segmenter.kernel.secrets`): with it the shop signs who is signed in."""
    needs_consent = models.BooleanField(default=False)
    """Whether the script keeps no cookie before the page says that the visitor agreed."""
    privacy_url = models.TextField(blank=True)
    sender_name = models.TextField(blank=True)
    sender_address = models.TextField(blank=True)
    """From whom the mails come that ask for confirmation; empty: the server's own address."""
    revision = models.BigIntegerField(default=0)
    """Counts the changes of forms and settings: processes read them again when it changes."""
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(revision__gte=0), name="site_revision_not_negative"
            )
        ]

    def __str__(self) -> str:
        return f"site of {self.account_id}"
