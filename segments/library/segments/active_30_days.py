"""Did anything lately."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import CLICK, OPEN, ORDER, VISIT, did, every, last
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import days

ready_segments.add(
    "active-30-days",
    ReadySegment(
        name=_("Active in the last 30 days"),
        purposes=(Purpose.NEWSLETTER,),
        what_for=_("People who opened, clicked, visited the site or ordered in the last days."),
        next_step=_("Write to them as usual: these are the people who read you."),
        definition=lambda p: every(
            [did(metric, when=last(p["days"])) for metric in (OPEN, CLICK, VISIT, ORDER)]
        ),
        parameters=(days(30),),
        other_words=_("engaged"),
    ),
)
