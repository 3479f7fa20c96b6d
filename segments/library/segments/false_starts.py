"""Opened or clicked often, and no longer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import engaged, every, not_engaged
from segments.library.ready_segment import FollowUp, Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import ENGAGED_MONTHS, ENGAGED_TIMES

ready_segments.add(
    "false-starts",
    ReadySegment(
        name=_("False starts"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They opened or clicked often once, and no longer do."),
        next_step=_("Try a win-back on 10 % of them first, or on 1,000 people if that is more."),
        definition=lambda p: every(
            engaged(p["engaged_times"], None), *not_engaged(p["engaged_months"])
        ),
        parameters=(
            ENGAGED_TIMES,
            ENGAGED_MONTHS,
        ),
        follow_up=FollowUp(
            _("Save and draw a sample"), "segments:sample-new", "percent=10&at_least=1000"
        ),
        other_words=_("win-back sample sunset"),
    ),
)
