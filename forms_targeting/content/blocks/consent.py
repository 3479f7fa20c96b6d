"""A checkbox by which a visitor agrees to messages on one channel. Never checked beforehand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.content.block import BlockKind, block_kinds
from profiles.consent_words import Channel

block_kinds.add(
    "consent",
    BlockKind(
        label=_("Consent"),
        icon="check",
        rank=50,
        attributes=(
            Attribute(
                "channel",
                _("Channel"),
                Kind.CHOICE,
                Channel.EMAIL.value,
                choices=tuple(
                    (value, label) for value, label in Channel.choices if value != "push"
                ),
            ),
            Attribute(
                "wording",
                _("Wording"),
                Kind.LONG_TEXT,
                required=True,
                translates=True,
                most=2_000,
                hint=_(
                    "What the visitor agrees to; it is kept with each consent. With double opt-in"
                    " it counts only after a click in a mail: see the form's targeting."
                ),
            ),
            Attribute("url", _("Address of the privacy notice"), Kind.URL, most=1_000),
            Attribute("is_required", _("Must be checked"), Kind.FLAG, False),
        ),
    ),
)
