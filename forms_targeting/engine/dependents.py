"""Live forms that ask about a segment or a list, which therefore cannot be deleted."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from forms_targeting.attributes import Kind
from forms_targeting.engine.references import keys_of
from forms_targeting.models import Form, FormStatus, Site
from forms_targeting.rules.rule import read_rules
from segmenter.kernel.errors import Invalid


def forms_asking(account_id: int, key: str) -> list[Form]:
    """Return the live forms whose rules name a segment or list, by priority.

    Rules that cannot be read count as naming it if their JSON contains the key.
    """
    forms = Form.objects.filter(account=account_id, status=FormStatus.LIVE)
    return [form for form in forms.order_by("priority", "pk") if _names(form.rules, key)]


def names_of_dependents(account_id: int, key: str) -> list[str]:
    """Return what would miss a segment or list; call it in the transaction that deletes it.

    Raises the site's revision first: that waits for a form that is being published at this moment,
    and a form that is published later is read again after the deletion, and then fails closed.
    """
    Site.objects.filter(account=account_id).update(revision=F("revision") + 1)
    names = (form.name for form in forms_asking(account_id, key))
    return [_("the form “%(name)s”") % {"name": name} for name in names]


def _names(records: Any, key: str) -> bool:
    try:
        rules = read_rules(records)
    except Invalid:
        return json.dumps(key) in json.dumps(records)
    return key in keys_of(rules, Kind.SEGMENTS) | keys_of(rules, Kind.LISTS)
