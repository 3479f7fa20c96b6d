"""A code that visitors copy. Shown by itself; best on the step after submitting."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute
from forms_targeting.content.block import BlockKind, block_kinds

block_kinds.add(
    "coupon",
    BlockKind(
        label=_("Coupon"),
        icon="tag",
        rank=60,
        attributes=(
            Attribute("code", _("Code"), required=True, most=60),
            Attribute("text", _("Text above it"), translates=True, most=200),
        ),
    ),
)
