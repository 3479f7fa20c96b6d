"""A person: identifiers, names, location, custom properties. Only `profiles.ingest` writes it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from segmenter.accounts.models import Account

IDENTIFIERS = ("external_id", "email", "phone_number", "anonymous_id")
"""The identifiers of a person, strongest first."""


class Profile(models.Model):
    """One person of one account. No two share an identifier."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    email = models.TextField(null=True)
    phone_number = models.TextField(null=True)
    external_id = models.TextField(null=True)
    anonymous_id = models.TextField(null=True)

    first_name = models.TextField(null=True)
    last_name = models.TextField(null=True)
    organization = models.TextField(null=True)
    title = models.TextField(null=True)
    locale = models.TextField(null=True)
    image = models.TextField(null=True)

    address1 = models.TextField(null=True)
    address2 = models.TextField(null=True)
    city = models.TextField(null=True)
    region = models.TextField(null=True)
    country = models.TextField(null=True)
    zip = models.TextField(null=True)
    time_zone = models.TextField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    point_latitude = models.FloatField(null=True)
    """Degrees; the stated latitude, else the postcode's, else the city's."""
    point_longitude = models.FloatField(null=True)

    properties = models.JSONField(default=dict)
    created = models.DateTimeField()
    updated = models.DateTimeField()
    first_active = models.DateTimeField(null=True)
    """Time of the earliest event."""
    last_active = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", name], name=f"one_profile_per_{name}")
            for name in IDENTIFIERS
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "created", "id"], name="profile_by_created")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The person's name on pages."""
        full = " ".join(part for part in (self.first_name, self.last_name) if part)
        return full or self.email or self.phone_number or self.external_id or f"#{self.pk}"


class ProfileMerge(models.Model):
    """The id of a merged profile and the profile that it was merged into."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    old_id = models.BigIntegerField()
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "old_id"], name="merged_once")
        ]

    def __str__(self) -> str:
        return f"{self.old_id} -> {self.profile_id}"
