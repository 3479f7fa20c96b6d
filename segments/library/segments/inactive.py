"""Get e-mails and do nothing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import CLICK, EMAIL, OPEN, ORDER, VISIT, did, every, last, never
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import days

ready_segments.add(
    "inactive",
    ReadySegment(
        name=_("Inactive"),
        purposes=(Purpose.NEWSLETTER,),
        what_for=_("People who get your e-mails and do nothing: no open, click, visit or order."),
        next_step=_("Write to them less often, and ask whether they want to stay."),
        definition=lambda p: every(
            *(never(metric, last(p["days"])) for metric in (OPEN, CLICK, VISIT, ORDER)),
            did(EMAIL, when=last(p["days"])),
        ),
        parameters=(days(90),),
        other_words=_("unengaged sunset"),
    ),
)
