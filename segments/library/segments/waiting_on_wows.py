"""Opened or clicked lately, not often, and never ordered."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import (
    CLICK,
    OPEN,
    ORDER,
    did,
    engaged,
    every,
    last,
    less_than,
    never,
)
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import ENGAGED_MONTHS, ENGAGED_TIMES

ready_segments.add(
    "waiting-on-wows",
    ReadySegment(
        name=_("Waiting on wows"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They opened or clicked lately, not often, and have never ordered."),
        next_step=_("Surprise them: your best story, a picture, a customer’s words."),
        definition=lambda p: every(
            engaged(1, p["engaged_months"]),
            *(
                did(metric, less_than(p["engaged_times"]), last(p["engaged_months"], "month"))
                for metric in (OPEN, CLICK)
            ),
            never(ORDER),
        ),
        parameters=(
            ENGAGED_TIMES,
            ENGAGED_MONTHS,
        ),
    ),
)
