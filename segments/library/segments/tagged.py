"""People with a tag."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import contains, every, own_value
from segments.library.parameters import PropertyParameter, TextParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import values_of_property

ready_segments.add(
    "tagged",
    ReadySegment(
        name=_("Tagged"),
        purposes=(Purpose.KINDS,),
        what_for=_("People with a tag that you or your shop gave them."),
        next_step=_("Write what belongs to the tag."),
        definition=lambda p: every(
            own_value(p["property"], p["value"], p["property_types"], by=contains, is_list=True)
        ),
        parameters=(
            PropertyParameter("property", _("Property"), "Tags"),
            TextParameter("value", _("Tag"), "vip", values_of_property, of="property"),
        ),
        other_words=_("tags label demographic"),
    ),
)
