"""Buyers of one thing who never bought another that goes with it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import PRODUCT, contains, did, every, never
from segments.library.parameters import TextParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import PRODUCT_NAMES

ready_segments.add(
    "cross-sell",
    ReadySegment(
        name=_("Cross-sell"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People who bought one product and never another that goes with it."),
        next_step=_("Show the second product together with the one that they have."),
        definition=lambda p: every(
            did(PRODUCT, Name=contains(p["bought"])),
            never(PRODUCT, Name=contains(p["not_bought"])),
        ),
        parameters=(
            TextParameter("bought", _("Bought"), "shorts", PRODUCT_NAMES, is_part=True),
            TextParameter(
                "not_bought",
                _("Never bought"),
                "tank top",
                PRODUCT_NAMES,
                is_part=True,
                apart_from="bought",
            ),
        ),
        other_words=_("upsell product shorts tank top"),
    ),
)
