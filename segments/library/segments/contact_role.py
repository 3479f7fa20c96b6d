"""People by what they do or are."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import every, own_value
from segments.library.parameters import PropertyParameter, TextParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import CONTACT_FIELDS, values_of_property

ready_segments.add(
    "contact-role",
    ReadySegment(
        name=_("By role or interest"),
        purposes=(Purpose.NEWSLETTER,),
        what_for=_("People with a certain title, role, industry, age group, interest or town."),
        next_step=_("Write what concerns people like them."),
        definition=lambda p: every(own_value(p["property"], p["value"], p["property_types"])),
        parameters=(
            PropertyParameter("property", _("Property"), "Title", choices=CONTACT_FIELDS),
            TextParameter("value", _("Value"), "Manager", values_of_property, of="property"),
        ),
        other_words=_("customer type organisation organization municipality b2b demographic"),
    ),
)
