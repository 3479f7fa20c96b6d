"""People who ordered for an occasion."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, did, every, period
from segments.library.parameters import PeriodParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments

ready_segments.add(
    "holiday-shoppers",
    ReadySegment(
        name=_("Holiday shoppers"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People who ordered for an occasion, such as last year’s Black Friday weekend."),
        next_step=_("Write to them a week before the next one."),
        definition=lambda p: every(
            did(ORDER, when=period(p["period"]["start"], p["period"]["end"]))
        ),
        parameters=(PeriodParameter("period", _("Days")),),
        other_words=_(
            "black friday cyber monday christmas mother father valentine children season"
        ),
    ),
)
