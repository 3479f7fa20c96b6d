"""All customers, to export what is known and expected of them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, did, every
from segments.library.ready_segment import FollowUp, Purpose, ReadySegment, ready_segments

ready_segments.add(
    "customers-for-clv-export",
    ReadySegment(
        name=_("Customers for a CLV export"),
        purposes=(Purpose.ANALYSIS,),
        what_for=_("Everybody who has ordered, to export their value, churn risk and origin."),
        next_step=_(
            "Export them with the columns of lifetime value. The page shows the forecast too."
        ),
        definition=lambda _values: every(did(ORDER)),
        follow_up=FollowUp(_("Save and export"), "segments:exports", "set=clv"),
        other_words=_("lifetime value spreadsheet"),
    ),
)
