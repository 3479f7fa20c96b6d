"""People who ordered lately."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, did, every, last
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import months

ready_segments.add(
    "active-buyers",
    ReadySegment(
        name=_("Active buyers"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People who ordered in the last months."),
        next_step=_("Thank them, ask for a review, and spare them the offers for new customers."),
        definition=lambda p: every(did(ORDER, when=last(p["months"], "month"))),
        parameters=(months(4),),
        other_words=_("recent customers"),
    ),
)
