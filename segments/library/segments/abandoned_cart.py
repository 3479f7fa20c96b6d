"""Left a cart or a checkout."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import CART, CHECKOUT, ORDER, did, every, last, never
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import days

ready_segments.add(
    "abandoned-cart",
    ReadySegment(
        name=_("Abandoned cart"),
        purposes=(Purpose.KINDS,),
        what_for=_("People who filled a cart or began a checkout, without an order."),
        next_step=_("Remind them of what is in the cart while they still want it."),
        definition=lambda p: every(
            [did(metric, when=last(p["days"])) for metric in (CART, CHECKOUT)],
            never(ORDER, last(p["days"])),
        ),
        parameters=(days(3),),
        other_words=_("checkout behavioural behavioral"),
    ),
)
