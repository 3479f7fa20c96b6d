"""Order often, lately, and little at a time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, at_least, average_order, did, every, last, less_than
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import AOV, OFTEN_ORDERS, ORDER_MONTHS

ready_segments.add(
    "brand-enthusiasts",
    ReadySegment(
        name=_("Brand enthusiasts"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They order often and lately, a little at a time."),
        next_step=_("Suggest bundles and bigger packs, and let them recommend you."),
        definition=lambda p: every(
            did(ORDER, at_least(p["orders"])),
            did(ORDER, when=last(p["order_months"], "month")),
            average_order(less_than(p["aov"])),
        ),
        parameters=(
            OFTEN_ORDERS,
            ORDER_MONTHS,
            AOV,
        ),
    ),
)
