"""An image of the shop's own site. Its width and height keep its place while it loads."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.content.block import BlockKind, block_kinds

block_kinds.add(
    "image",
    BlockKind(
        label=_("Image"),
        icon="image",
        rank=30,
        attributes=(
            Attribute("url", _("Address of the image"), Kind.IMAGE, required=True, most=1_000),
            Attribute(
                "alt",
                _("Description"),
                translates=True,
                most=300,
                hint=_("For people who do not see it. Leave empty if it is decoration."),
            ),
            Attribute("width", _("Width in pixels"), Kind.NUMBER, 600, least=1, most=4_000),
            Attribute("height", _("Height in pixels"), Kind.NUMBER, 300, least=1, most=4_000),
        ),
    ),
)
