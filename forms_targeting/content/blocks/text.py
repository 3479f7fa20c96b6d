"""A paragraph of plain text; empty lines separate paragraphs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.content.block import BlockKind, block_kinds

block_kinds.add(
    "text",
    BlockKind(
        label=_("Text"),
        icon="text",
        rank=20,
        attributes=(
            Attribute(
                "text", _("Text"), Kind.LONG_TEXT, required=True, translates=True, most=2_000
            ),
        ),
    ),
)
