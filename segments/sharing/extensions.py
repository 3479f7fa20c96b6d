"""Sharing among the uses of a segment."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.uses import Use, uses

uses.add(
    "share",
    Use(
        _("Share the definition"),
        _("A link or a file from which another account can make the same segment."),
        "globe",
        "segments:share",
        90,
    ),
)
