"""Order often, lately, and much at a time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, at_least, average_order, did, every, last
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import AOV, OFTEN_ORDERS, ORDER_MONTHS

ready_segments.add(
    "high-rollers",
    ReadySegment(
        name=_("High rollers"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They order often, lately, and much at a time."),
        next_step=_("Treat them as guests of honour: early access, personal service."),
        definition=lambda p: every(
            did(ORDER, at_least(p["orders"])),
            did(ORDER, when=last(p["order_months"], "month")),
            average_order(at_least(p["aov"])),
        ),
        parameters=(
            OFTEN_ORDERS,
            ORDER_MONTHS,
            AOV,
        ),
        other_words=_("vip best"),
    ),
)
