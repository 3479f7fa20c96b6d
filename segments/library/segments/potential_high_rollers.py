"""Ordered lately, not often, and much at a time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, at_least, average_order, did, every, last, less_than
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import AOV, OFTEN_ORDERS, ORDER_MONTHS

ready_segments.add(
    "potential-high-rollers",
    ReadySegment(
        name=_("Potential high rollers"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They ordered lately, not often yet, and much at a time."),
        next_step=_("Make the second order easy: show what goes with the first one."),
        definition=lambda p: every(
            did(ORDER, when=last(p["order_months"], "month")),
            did(ORDER, less_than(p["orders"])),
            average_order(at_least(p["aov"])),
        ),
        parameters=(
            OFTEN_ORDERS,
            ORDER_MONTHS,
            AOV,
        ),
    ),
)
