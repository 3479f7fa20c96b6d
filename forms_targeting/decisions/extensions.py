"""Forms among the uses of segments and lists; live ones keep what they ask about from deletion."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from forms_targeting.engine.dependents import (
    dependent_forms,
    forms_asking,
    names_of_dependents,
    wait_for_publishing,
)
from profiles.lists import editing as list_editing
from segments.engine.dependents import before_deletion, dependents
from segments.models import Segment
from segments.uses import Use, UseRecord, use_records, uses

uses.add(
    "forms",
    Use(
        label=_("Show a form to these people"),
        text=_("A sign-up form on the shop's pages for visitors who are in this segment."),
        icon="form",
        url="forms_targeting:for-segment",
        rank=35,
    ),
)


def _records(segment: Segment, most: int) -> Iterable[UseRecord]:
    for form in forms_asking(segment.account_id, segment.key)[:most]:
        yield UseRecord(
            kind=_("Form"),
            text=form.name,
            state=form.get_status_display(),
            level="good",
            at=form.published or form.updated,
            by=str(form.user) if form.user else "",
            url=reverse("forms_targeting:targeting", args=[form.key]),
        )


use_records.add("forms", _records)
dependents.add("forms", dependent_forms)
before_deletion.subscribe(wait_for_publishing)
list_editing.uses.add("forms", names_of_dependents)
