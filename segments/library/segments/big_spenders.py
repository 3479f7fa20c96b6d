"""People who spent much in all."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, amount, at_least, every
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import amount_of

ready_segments.add(
    "big-spenders",
    ReadySegment(
        name=_("Big spenders"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People who have spent much in all their orders together."),
        next_step=_("Give them the best service and what is not for sale to all."),
        definition=lambda p: every(amount("sum", ORDER, at_least(p["amount"]))),
        parameters=(amount_of(500),),
        other_words=_("vip value revenue"),
    ),
)
