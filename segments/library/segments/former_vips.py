"""Good customers who have gone quiet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, at_least, did, every, last, never, not_engaged
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import ENGAGED_MONTHS, months, times

ready_segments.add(
    "former-vips",
    ReadySegment(
        name=_("Former VIPs"),
        purposes=(Purpose.ADS,),
        what_for=_("People who ordered often, have stopped, and no longer read your e-mails."),
        next_step=_("Reach them by ads: your e-mails do not."),
        definition=lambda p: every(
            did(ORDER, at_least(p["times"])),
            never(ORDER, last(p["months"], "month")),
            *not_engaged(p["engaged_months"]),
        ),
        parameters=(
            times(5),
            months(6, _("No order in the last")),
            ENGAGED_MONTHS,
        ),
        other_words=_("lapsed vip win-back"),
    ),
)
