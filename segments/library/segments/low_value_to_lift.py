"""Customers who have spent little."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, amount, between, did, every
from segments.library.parameters import NumberParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments

ready_segments.add(
    "low-value-to-lift",
    ReadySegment(
        name=_("Low value to lift"),
        purposes=(Purpose.KINDS,),
        what_for=_("Customers who have spent less than most, with room to grow."),
        next_step=_("Offer a bundle, or free shipping from a sum above their usual order."),
        definition=lambda p: every(amount("sum", ORDER, between(0, p["amount"])), did(ORDER)),
        parameters=(
            NumberParameter(
                "amount",
                _("Spent at most"),
                lambda source: source.lowest_third,
                least=0,
                most=1e12,
                is_whole=False,
            ),
        ),
        other_words=_("value spend"),
    ),
)
