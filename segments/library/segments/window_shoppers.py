"""Look around and have never ordered."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, VIEW, VISIT, did, every, last, never
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import ENGAGED_MONTHS

ready_segments.add(
    "window-shoppers",
    ReadySegment(
        name=_("Window shoppers"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They looked at products or visited the site lately and have never ordered."),
        next_step=_("Show what they looked at, with shipping and returns explained."),
        definition=lambda p: every(
            [did(metric, when=last(p["engaged_months"], "month")) for metric in (VIEW, VISIT)],
            never(ORDER),
        ),
        parameters=(ENGAGED_MONTHS,),
        other_words=_("browse abandonment"),
    ),
)
