"""Customers whose next order is expected soon."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import every, following, predicted
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import days

ready_segments.add(
    "expected-to-order-soon",
    ReadySegment(
        name=_("Expected to order soon"),
        purposes=(Purpose.FORMS,),
        what_for=_("Customers whose next order is expected in the coming days."),
        next_step=_("Show them a form with a small gift rather than a discount."),
        definition=lambda p: every(predicted("expected_date_of_next_order", following(p["days"]))),
        parameters=(days(14, _("In the next")),),
        other_words=_("next order prediction"),
    ),
)
