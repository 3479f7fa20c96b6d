"""Ordered often and much, and have stopped."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, ago, at_least, average_order, did, every, last, never
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import AOV, LAPSED_MONTHS, OFTEN_ORDERS, ORDER_MONTHS

ready_segments.add(
    "lost-high-rollers",
    ReadySegment(
        name=_("Lost high rollers"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They ordered often and much at a time, and have stopped."),
        next_step=_("Write personally, and ask before you offer."),
        definition=lambda p: every(
            did(ORDER, at_least(p["orders"])),
            did(ORDER, when=ago(p["order_months"], p["lapsed_months"])),
            never(ORDER, last(p["order_months"], "month")),
            average_order(at_least(p["aov"])),
        ),
        parameters=(
            OFTEN_ORDERS,
            ORDER_MONTHS,
            LAPSED_MONTHS,
            AOV,
        ),
        other_words=_("win-back lapsed"),
    ),
)
