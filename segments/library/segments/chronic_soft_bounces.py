"""Addresses that bounce again and again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import BOUNCE, did, equals, every, more_than
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import times

ready_segments.add(
    "chronic-soft-bounces",
    ReadySegment(
        name=_("Chronic soft bounces"),
        purposes=(Purpose.ANALYSIS,),
        what_for=_("People whose mailbox has refused your e-mails again and again."),
        next_step=_("Stop writing to them: they cost you the good name of your address."),
        definition=lambda p: every(
            did(BOUNCE, more_than(p["times"]), Bounce_Type={**equals("soft"), "ignore_case": True})
        ),
        parameters=(times(7, _("More than")),),
        other_words=_("deliverability bounced"),
    ),
)
