"""People of whom little is expected."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from segments.library.conditions import at_most, every, predicted
from segments.library.ready_segment import Purpose, ReadySegment, ready_segments
from segments.library.usual_parameters import amount_of

ready_segments.add(
    "low-clv",
    ReadySegment(
        name=_("Low expected value"),
        purposes=(Purpose.FORMS,),
        what_for=_("Customers of whom the coming year is expected to bring little."),
        next_step=_("Keep costly gifts for others; ask them what they would like."),
        definition=lambda p: every(predicted("predicted_clv", at_most(p["amount"]))),
        parameters=(amount_of(5, _("Predicted value at most"), least=0),),
        other_words=_("clv lifetime"),
    ),
)
