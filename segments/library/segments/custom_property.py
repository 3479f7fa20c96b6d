"""People with a value of a custom property."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import equals, every, own
from segments.library.parameters import PropertyParameter, TextParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import values_of_property

ready_segments.add(
    "custom-property",
    ReadySegment(
        name=_("By a property of yours"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People with a certain answer or property that you store."),
        next_step=_("Choose products and pictures by it."),
        definition=lambda p: every(own(p["property"], equals(p["value"]))),
        parameters=(
            PropertyParameter("property", _("Property"), "Favourite colour"),
            TextParameter("value", _("Value"), "blue", values_of_property, of="property"),
        ),
        other_words=_("favourite colour color favorite custom"),
    ),
)
