"""Got a discount code and did not use it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import EMAIL, IS_SET, ORDER, did, every, last, never
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import days

ready_segments.add(
    "unused-discount",
    ReadySegment(
        name=_("Unused discount"),
        purposes=(Purpose.KINDS,),
        what_for=_("People who got a discount code and have not ordered with one."),
        next_step=_("Say when the code ends."),
        definition=lambda p: every(
            did(EMAIL, when=last(p["days"]), Discount_Code=IS_SET),
            never(ORDER, last(p["days"]), Discount_Code=IS_SET),
        ),
        parameters=(days(14),),
        other_words=_("coupon code behavioural behavioral"),
    ),
)
