"""People who live where it is cold."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import every, location, one_of
from segments.library.parameters import PlacesParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import REGION

ready_segments.add(
    "cold-region",
    ReadySegment(
        name=_("Cold regions"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People who live where winter comes early."),
        next_step=_("Send warm clothes and winter offers to them first."),
        definition=lambda p: every(
            [location("region", one_of(p["regions"])), location("country", one_of(p["countries"]))]
        ),
        parameters=(
            PlacesParameter(
                "regions",
                _("Regions"),
                (
                    "Maine",
                    "New Hampshire",
                    "Vermont",
                    "Massachusetts",
                    "Rhode Island",
                    "Connecticut",
                ),
                path=REGION,
            ),
            PlacesParameter("countries", _("Countries"), ("Canada",)),
        ),
        other_words=_("winter weather geographic"),
    ),
)
