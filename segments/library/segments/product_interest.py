"""Viewers of a product whose gender is predicted."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import VIEW, contains, did, every, last, predicted
from segments.library.parameters import TextParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import VIEWED_NAMES, days

ready_segments.add(
    "product-interest",
    ReadySegment(
        name=_("Interested in a product"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("Women, by the prediction of their first name, who looked at a product lately."),
        next_step=_("Send what is new in this range, in the cut that suits them."),
        definition=lambda p: every(
            did(VIEW, when=last(p["days"]), Name=contains(p["product"])),
            predicted(
                "predicted_gender",
                {"type": "string", "operator": "equals", "value": "likely_female"},
            ),
        ),
        parameters=(
            TextParameter(
                "product", _("Product"), "New England Patriots", VIEWED_NAMES, is_part=True
            ),
            days(90),
        ),
        other_words=_("viewed gender fan"),
    ),
)
