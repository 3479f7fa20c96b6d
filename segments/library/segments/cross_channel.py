"""Receivers of a campaign who did not order."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import EMAIL, ORDER, did, equals, every, last, never
from segments.library.parameters import CampaignParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import days

ready_segments.add(
    "cross-channel",
    ReadySegment(
        name=_("Got a campaign, did not order"),
        purposes=(Purpose.ADS,),
        what_for=_("People who received a campaign and have not ordered lately."),
        next_step=_("Show them the same offer as an ad."),
        definition=lambda p: every(
            did(EMAIL, Campaign_Name=equals(p["campaign"])), never(ORDER, last(p["days"]))
        ),
        parameters=(
            CampaignParameter("campaign", _("Campaign")),
            days(30, _("No order in the last")),
        ),
        other_words=_("retargeting audience"),
    ),
)
