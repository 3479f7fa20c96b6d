"""People whose average order is high."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import at_least, average_order, every
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import AOV

ready_segments.add(
    "high-aov",
    ReadySegment(
        name=_("High average order"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People whose orders are worth as much as your average order or more."),
        next_step=_("Show bundles and the better version; free shipping does not move them."),
        definition=lambda p: every(average_order(at_least(p["aov"]))),
        parameters=(AOV,),
        other_words=_("aov value"),
    ),
)
