"""People who ordered often."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, at_least, did, every
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import times

ready_segments.add(
    "frequent-buyers",
    ReadySegment(
        name=_("Frequent buyers"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People who have ordered several times."),
        next_step=_("Let them see new things first, or ask them to recommend you."),
        definition=lambda p: every(did(ORDER, at_least(p["times"]))),
        parameters=(times(3),),
        other_words=_("loyal repeat vip"),
    ),
)
