"""People whose only opens are those of Apple Mail's privacy protection."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import CLICK, IS_NOT_TRUE, IS_TRUE, OPEN, did, every, last, never
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import days

ready_segments.add(
    "privacy-opens",
    ReadySegment(
        name=_("Opened by Apple only"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People whose only opens are those of Apple Mail’s privacy protection."),
        next_step=_("Do not count them as readers. Ask them once whether they want to stay."),
        definition=lambda p: every(
            did(OPEN, when=last(p["days"]), Apple_Privacy_Open=IS_TRUE),
            never(OPEN, last(p["days"]), Apple_Privacy_Open=IS_NOT_TRUE),
            never(CLICK, last(p["days"])),
        ),
        parameters=(days(90),),
        other_words=_("mpp machine opens"),
    ),
)
