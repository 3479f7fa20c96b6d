"""People who open or click and have never ordered. Also one of the personas."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, engaged, every, never
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import ENGAGED_MONTHS, ENGAGED_TIMES

ready_segments.add(
    "almost-there",
    ReadySegment(
        name=_("Almost there"),
        purposes=(
            Purpose.MESSAGES,
            Purpose.PERSONAS,
        ),
        what_for=_("People who open or click often and have never ordered."),
        next_step=_("Give them a reason for the first order: a welcome offer, or reviews."),
        definition=lambda p: every(engaged(p["engaged_times"], p["engaged_months"]), never(ORDER)),
        parameters=(
            ENGAGED_TIMES,
            ENGAGED_MONTHS,
        ),
        other_words=_("prospects leads first order"),
    ),
)
