"""Customers who will probably not come back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import ORDER, at_least, did, every, predicted
from segments.library.parameters import ShareParameter
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments

ready_segments.add(
    "churn-risk",
    ReadySegment(
        name=_("Likely to leave"),
        purposes=(Purpose.MESSAGES,),
        what_for=_("Customers who will probably not order again."),
        next_step=_("Ask what went wrong, and make an offer while they still remember you."),
        definition=lambda p: every(did(ORDER), predicted("churn_probability", at_least(p["risk"]))),
        parameters=(ShareParameter("risk", _("Churn risk at least"), 0.75),),
        other_words=_("churn probability"),
    ),
)
