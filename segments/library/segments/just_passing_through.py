"""Ordered once or twice and little, long ago."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import (
    ORDER,
    ago,
    average_order,
    between,
    did,
    every,
    last,
    less_than,
    never,
)
from segments.library.parameters import NumberParameter
from segments.library.ready_segment import FollowUp, Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import AOV, FEW_ORDERS, MONTHS

ready_segments.add(
    "just-passing-through",
    ReadySegment(
        name=_("Just passing through"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("They ordered once or twice, a little at a time, more than half a year ago."),
        next_step=_("Try a win-back on 25 % of them first, or on 1,000 people if that is more."),
        definition=lambda p: every(
            did(ORDER, between(1, p["few_orders"])),
            did(ORDER, when=ago(p["quiet_months"], p["lapsed_months"])),
            never(ORDER, last(p["quiet_months"], "month")),
            average_order(less_than(p["aov"])),
        ),
        parameters=(
            FEW_ORDERS,
            NumberParameter("quiet_months", _("No order in the last"), 6, unit=MONTHS),
            NumberParameter(
                "lapsed_months",
                _("An order before, back to"),
                13,
                unit=MONTHS,
                at_least="quiet_months",
            ),
            AOV,
        ),
        follow_up=FollowUp(
            _("Save and draw a sample"), "segments:sample-new", "percent=25&at_least=1000"
        ),
        other_words=_("win-back sample"),
    ),
)
