"""People by their interests."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import every, has_item, own
from segments.library.parameters import PropertyParameter, TextParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import values_of_property

ready_segments.add(
    "values-and-lifestyle",
    ReadySegment(
        name=_("Values and lifestyle"),
        purposes=(Purpose.KINDS,),
        what_for=_("People with an interest."),
        next_step=_("Choose stories and pictures by it."),
        definition=lambda p: every(own(p["property"], has_item(p["value"]))),
        parameters=(
            PropertyParameter("property", _("Property"), "Interests"),
            TextParameter("value", _("Interest"), "outdoors", values_of_property, of="property"),
        ),
        other_words=_("interests psychographic outdoors"),
    ),
)
