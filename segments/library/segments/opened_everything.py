"""Opened every campaign that they received."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import EMAIL, OPEN, equal, every, last
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import months

ready_segments.add(
    "opened-everything",
    ReadySegment(
        name=_("Opened everything"),
        purposes=(Purpose.NEWSLETTER,),
        what_for=_("People who opened every campaign that they received."),
        next_step=_("They are your most faithful readers: ask them what to write about."),
        definition=lambda p: every(
            {
                "type": "profile-metric-ratio",
                "numerator": {"metric": OPEN},
                "denominator": {"metric": EMAIL},
                "distinct_by": "Campaign Name",
                "timeframe_filter": last(p["months"], "month"),
                "filter": equal(1),
            }
        ),
        parameters=(months(1),),
        other_words=_("ratio share readers"),
    ),
)
