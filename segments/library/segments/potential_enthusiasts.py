"""Ordered lately, not often, and little at a time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, average_order, did, every, last, less_than
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import AOV, OFTEN_ORDERS, ORDER_MONTHS

ready_segments.add(
    "potential-enthusiasts",
    ReadySegment(
        name=_("Potential enthusiasts"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They ordered lately, not often yet, a little at a time."),
        next_step=_("Tell your story and bring them back soon with something small."),
        definition=lambda p: every(
            did(ORDER, when=last(p["order_months"], "month")),
            did(ORDER, less_than(p["orders"])),
            average_order(less_than(p["aov"])),
        ),
        parameters=(
            OFTEN_ORDERS,
            ORDER_MONTHS,
            AOV,
        ),
    ),
)
