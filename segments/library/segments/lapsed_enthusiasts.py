"""Ordered often and little, and have stopped."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import (
    ORDER,
    ago,
    at_least,
    average_order,
    did,
    every,
    last,
    less_than,
    never,
)
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import AOV, LAPSED_MONTHS, OFTEN_ORDERS, ORDER_MONTHS

ready_segments.add(
    "lapsed-enthusiasts",
    ReadySegment(
        name=_("Lapsed enthusiasts"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They ordered often, a little at a time, and have stopped."),
        next_step=_("Show what is new since they left."),
        definition=lambda p: every(
            did(ORDER, at_least(p["orders"])),
            did(ORDER, when=ago(p["order_months"], p["lapsed_months"])),
            never(ORDER, last(p["order_months"], "month")),
            average_order(less_than(p["aov"])),
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
