"""Public links: addresses at which anybody sees a segment's count and growth."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from segmenter.accounts.models import User
from segments.models.segment import Segment


class PublicLink(models.Model):
    """A link that is open, or was. A segment has at most one that has not ended."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="public_links")
    digest = models.CharField(max_length=64, unique=True)
    """Of the token: by it the page finds the link."""
    token = models.TextField(blank=True)
    """Encrypted (`segmenter.kernel.secrets`), to be shown again; empty once the link has ended."""
    shows_conditions = models.BooleanField(default=False)
    expires = models.DateTimeField(null=True)
    """The first instant at which it no longer works; null: it works until somebody ends it."""
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    """Null, too, where its time was over."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["segment"],
                name="one_public_link_per_segment",
                condition=models.Q(ended=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} since {self.created}"
