"""People who ordered some months ago and not since."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, ago, did, every, last, never
from segments.library.parameters import NumberParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import MONTHS, months

ready_segments.add(
    "nearly-lost",
    ReadySegment(
        name=_("Nearly lost"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("People who used to order and have stopped some months ago."),
        next_step=_("Win them back now: it gets harder with each month."),
        definition=lambda p: every(
            did(ORDER, when=ago(p["months"], p["lapsed_months"])),
            never(ORDER, last(p["months"], "month")),
        ),
        parameters=(
            months(4, _("No order in the last")),
            NumberParameter(
                "lapsed_months", _("An order before, back to"), 13, unit=MONTHS, at_least="months"
            ),
        ),
        other_words=_("lapsed win-back winback"),
    ),
)
