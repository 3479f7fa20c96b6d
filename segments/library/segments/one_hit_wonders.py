"""Ordered once or twice and much, and have stopped."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import (
    ORDER,
    ago,
    at_least,
    average_order,
    between,
    did,
    every,
    last,
    never,
)
from segments.library.ready_segment import FollowUp, Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import AOV, FEW_ORDERS, LAPSED_MONTHS, ORDER_MONTHS

ready_segments.add(
    "one-hit-wonders",
    ReadySegment(
        name=_("One-hit wonders"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They ordered once or twice, much at a time, and have stopped."),
        next_step=_("Try a win-back on 50 % of them first, or on 1,000 people if that is more."),
        definition=lambda p: every(
            did(ORDER, between(1, p["few_orders"])),
            did(ORDER, when=ago(p["order_months"], p["lapsed_months"])),
            never(ORDER, last(p["order_months"], "month")),
            average_order(at_least(p["aov"])),
        ),
        parameters=(
            FEW_ORDERS,
            ORDER_MONTHS,
            LAPSED_MONTHS,
            AOV,
        ),
        follow_up=FollowUp(
            _("Save and draw a sample"), "segments:sample-new", "percent=50&at_least=1000"
        ),
        other_words=_("win-back sample"),
    ),
)
