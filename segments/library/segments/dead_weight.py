"""Have done nothing for more than a year."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, every, is_older_than, last, never, not_engaged
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import months

ready_segments.add(
    "dead-weight",
    ReadySegment(
        name=_("Dead weight"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They have neither ordered nor opened nor clicked for more than a year."),
        next_step=_("Ask once whether they want to stay, then stop writing to them."),
        definition=lambda p: every(
            never(ORDER, last(p["months"], "month")),
            *not_engaged(p["months"]),
            is_older_than(p["months"], "month"),
        ),
        parameters=(months(13),),
        other_words=_("sunset inactive clean"),
    ),
)
