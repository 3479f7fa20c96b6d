"""People who live near a place."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import every, less_than
from segments.library.parameters import NumberParameter, PointParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments

ready_segments.add(
    "near-a-place",
    ReadySegment(
        name=_("Near a place"),
        purposes=(Purpose.FORMS,),
        what_for=_("People who live near a town, such as that of your shop or fair."),
        next_step=_("Invite them, with the way and the opening hours."),
        definition=lambda p: every(
            {
                "type": "profile-location-distance",
                **p["place"],
                "unit": "kilometers",
                "filter": less_than(p["kilometers"]),
            }
        ),
        parameters=(
            PointParameter("place", _("Town"), "Boston", "United States"),
            NumberParameter("kilometers", _("Nearer than"), 48, unit=_("km"), is_whole=False),
        ),
        other_words=_("distance miles km boston store geographic"),
    ),
)
