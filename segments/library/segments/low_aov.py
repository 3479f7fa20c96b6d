"""People whose average order is low."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import average_order, every, less_than
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import AOV

ready_segments.add(
    "low-aov",
    ReadySegment(
        name=_("Low average order"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People whose orders are worth less than your average order."),
        next_step=_("Offer free shipping from a sum that is a little above what they spend."),
        definition=lambda p: every(average_order(less_than(p["aov"]))),
        parameters=(AOV,),
        other_words=_("aov value"),
    ),
)
