"""The row through which every effect goes: something about a person has changed."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from segmenter.accounts.models import Account


class Cause(models.TextChoices):
    """Why something changed; also the cause of what follows from it."""

    EVENT = "event", "Event"
    PROPERTY = "property", "Property"
    CONSENT = "consent", "Consent"
    LIST = "list", "List"
    SEGMENT = "segment", "Segment"
    PREDICTION = "prediction", "Prediction"
    TIME = "time", "Time"
    DEFINITION = "definition", "Definition"
    IMPORT = "import", "Import"
    MERGE = "merge", "Merge"
    ERASE = "erase", "Erase"
    REPAIR = "repair", "Repair"


class ProfileChange(models.Model):
    """A person whose facts changed in one transaction, and which facts.

    `facts` holds the codes of `profiles.facts`. The profile may be gone (merge, erase), so its id
    is not a foreign key. `handled` is null until the live path has drawn the consequences.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )
    profile_id = models.BigIntegerField()
    cause = models.CharField(max_length=12, choices=Cause.choices)
    facts = ArrayField(models.TextField())
    at = models.DateTimeField()
    handled = models.DateTimeField(null=True)
    transaction = models.BigIntegerField()
    """The database's transaction id (xid8), by which a reader knows what its snapshot lacks."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account", "transaction"], name="profile_change_by_transaction"),
            models.Index(
                fields=["account", "id"],
                name="profile_change_waiting",
                condition=models.Q(handled=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.cause}"
