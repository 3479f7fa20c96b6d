"""Customers who read and do not order this month."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import CLICK, OPEN, ORDER, did, every, last, never
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import days

ready_segments.add(
    "espresso-shot",
    ReadySegment(
        name=_("Espresso shot"),
        purposes=(Purpose.PERSONAS,),
        what_for=_("Customers who opened or clicked in the last days and did not order in them."),
        next_step=_("A short, strong reminder: one product, one button."),
        definition=lambda p: every(
            [did(metric, when=last(p["days"])) for metric in (OPEN, CLICK)],
            never(ORDER, last(p["days"])),
            did(ORDER),
        ),
        parameters=(days(30),),
    ),
)
