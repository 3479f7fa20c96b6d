"""A change of a person: the row from which every effect follows."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import pgettext_lazy

from segmenter.accounts.models import Account


class Cause(models.TextChoices):
    """Why something changed; effects have the cause of their change."""

    EVENT = "event", pgettext_lazy("cause", "Event")
    PROPERTY = "property", pgettext_lazy("cause", "Property")
    CONSENT = "consent", pgettext_lazy("cause", "Consent")
    LIST = "list", pgettext_lazy("cause", "List")
    SEGMENT = "segment", pgettext_lazy("cause", "Segment")
    PREDICTION = "prediction", pgettext_lazy("cause", "Prediction")
    TIME = "time", pgettext_lazy("cause", "Time")
    DEFINITION = "definition", pgettext_lazy("cause", "Definition")
    IMPORT = "import", pgettext_lazy("cause", "Import")
    MERGE = "merge", pgettext_lazy("cause", "Merge")
    ERASE = "erase", pgettext_lazy("cause", "Erase")
    REPAIR = "repair", pgettext_lazy("cause", "Repair")


class ProfileChange(models.Model):
    """A person whose facts changed in one transaction, and which facts.

    `facts` holds the codes of `profiles.facts`. The profile may be gone (merge, erase), so its id
    is not a foreign key. `handled` is null until the live path has processed the change.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )
    profile_id = models.BigIntegerField()
    cause = models.CharField(max_length=12, choices=Cause.choices)
    facts = ArrayField(models.TextField())
    from_event = models.BigIntegerField(null=True)
    """Events that came with the change have this id or a greater one; null if none came."""
    at = models.DateTimeField()
    handled = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0, db_default=0)
    """Number of failed tries to process the change."""
    retry_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="", db_default="")
    """Why the last try failed. If `handled` is set, too, the change was given up."""
    transaction = models.BigIntegerField()
    """The transaction id (xid8), by which a reader finds changes that its snapshot does not see."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account", "transaction"], name="profile_change_by_transaction"),
            models.Index(
                fields=["account", "id"],
                name="profile_change_waiting",
                condition=models.Q(handled=None),
            ),
            models.Index(
                fields=["account", "id"],
                name="profile_change_set_aside",
                condition=~models.Q(error=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.cause}"
