"""People by what they need."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import equals, every, own
from segments.library.parameters import PropertyParameter, TextParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import values_of_property

ready_segments.add(
    "need",
    ReadySegment(
        name=_("By need"),
        purposes=(Purpose.KINDS,),
        what_for=_("People who told you in a quiz what they look for."),
        next_step=_("Show the products that answer it."),
        definition=lambda p: every(own(p["property"], equals(p["value"]))),
        parameters=(
            PropertyParameter("property", _("Property"), "Quiz answer"),
            TextParameter("value", _("Answer"), "hydration", values_of_property, of="property"),
        ),
        other_words=_("quiz answer"),
    ),
)
