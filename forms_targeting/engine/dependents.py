"""Live forms that ask about a segment or a list, which therefore cannot be deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_targeting.attributes import Kind
from forms_targeting.engine.references import keys_of
from forms_targeting.models import Form, FormStatus, Site
from forms_targeting.rules.rule import read_rules
from segmenter.kernel.errors import Invalid
from segments.engine.dependents import Dependent
from segments.models import Segment


def forms_asking(account_id: int, key: str) -> list[Form]:
    """Return the live forms whose rules name a segment or list, by priority.

    Rules that cannot be read count as naming it if their JSON contains the key.
    """
    forms = Form.objects.filter(account=account_id, status=FormStatus.LIVE)
    return [form for form in forms.order_by("priority", "pk") if _keys(form.rules, {key})]


def dependent_forms(
    account_id: int, segments: Sequence[Segment]
) -> Iterator[tuple[int, Dependent]]:
    """Return the live forms that name some segments, for what is said to use these."""
    forms = Form.objects.filter(account=account_id, status=FormStatus.LIVE)
    for form in forms.order_by("priority", "pk"):
        keys = _keys(form.rules, {segment.key for segment in segments})
        for segment in segments:
            if segment.key in keys:
                url = reverse("forms_targeting:targeting", args=[form.key])
                yield segment.pk, Dependent(_words(form), url, is_blocking=True)


def wait_for_publishing(account_id: int) -> None:
    """Wait for a form that is being published; call it in the transaction of a deletion.

    A form that is published later is read again after the deletion, and then fails closed.
    """
    Site.objects.filter(account=account_id).update(revision=F("revision") + 1)


def names_of_dependents(account_id: int, key: str) -> list[str]:
    """Return what would miss a list; call it in the transaction that deletes it."""
    wait_for_publishing(account_id)
    return [_words(form) for form in forms_asking(account_id, key)]


def _words(form: Form) -> str:
    return _("the form “%(name)s”") % {"name": form.name}


def _keys(records: Any, keys: set[str]) -> set[str]:
    """Which of some segments and lists the rules name."""
    try:
        rules = read_rules(records)
    except Invalid:
        text = json.dumps(records)
        return {key for key in keys if json.dumps(key) in text}
    return keys & (keys_of(rules, Kind.SEGMENTS) | keys_of(rules, Kind.LISTS))
