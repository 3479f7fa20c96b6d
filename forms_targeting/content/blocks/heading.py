"""A heading. The first one names the dialog for screen readers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute
from forms_targeting.content.block import BlockKind, block_kinds

block_kinds.add(
    "heading",
    BlockKind(
        label=_("Heading"),
        icon="text",
        rank=10,
        attributes=(Attribute("text", _("Text"), required=True, translates=True, most=200),),
    ),
)
