"""People of a region."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import equals, every, location
from segments.library.parameters import TextParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import REGION, people_values

ready_segments.add(
    "local-event",
    ReadySegment(
        name=_("Local event"),
        purposes=(Purpose.NEWSLETTER,),
        what_for=_("People who live in a region."),
        next_step=_("Invite them to what happens near them."),
        definition=lambda p: every(location("region", equals(p["region"]))),
        parameters=(TextParameter("region", _("Region"), "Dalarna", people_values(REGION)),),
        other_words=_("geographic county"),
    ),
)
