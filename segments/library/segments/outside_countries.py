"""People outside two countries: not in one AND not in the other."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import every, location, none_of
from segments.library.parameters import PlacesParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments

ready_segments.add(
    "outside-countries",
    ReadySegment(
        name=_("Outside two countries"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People who live in neither of two countries."),
        next_step=_("Leave out what you do not ship abroad."),
        definition=lambda p: every(
            location("country", none_of(p["first"])), location("country", none_of(p["second"]))
        ),
        parameters=(
            PlacesParameter("first", _("Not in"), ("United States",)),
            PlacesParameter("second", _("and not in"), ("Canada",)),
        ),
        other_words=_("abroad international geographic"),
    ),
)
