"""Came by a campaign or a site."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import equals, every, own
from segments.library.parameters import PropertyParameter, TextParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import UTM_FIELDS, values_of_property

ready_segments.add(
    "came-from",
    ReadySegment(
        name=_("Where they came from"),
        purposes=(Purpose.KINDS,),
        what_for=_("People whose first visit came from a certain source."),
        next_step=_("Go on with the story that brought them."),
        definition=lambda p: every(own(p["property"], equals(p["value"]))),
        parameters=(
            PropertyParameter("property", _("Property"), "Initial UTM Source", choices=UTM_FIELDS),
            TextParameter("value", _("Value"), "google", values_of_property, of="property"),
        ),
        other_words=_("utm source medium campaign acquisition"),
    ),
)
