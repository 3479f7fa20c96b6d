"""The order of an account's forms: of several that fit a visitor, the first one is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from forms_targeting.engine.sites import note_change
from forms_targeting.models import Form, FormStatus
from segmenter.accounts.models import Account
from segmenter.kernel.errors import NotFound


def forms_in_order(account: Account) -> list[Form]:
    """Return the forms that are not archived, the one that wins first."""
    forms = Form.objects.filter(account=account).exclude(status=FormStatus.ARCHIVED)
    return list(forms.order_by("priority", "pk"))


def order_forms(*, account: Account, keys: Sequence[str], at: datetime) -> None:
    """Put forms in the order of their keys. Those left out follow as they were.

    Raises NotFound for a key that the account does not have.
    """
    with transaction.atomic():
        rows = _lock_all(account)
        by_key = {row.key: row for row in rows}
        if any(key not in by_key for key in keys):
            raise NotFound("The form")
        rest = [row for row in rows if row.key not in set(keys)]
        _number([*(by_key[key] for key in dict.fromkeys(keys)), *rest], at)


def move_form(*, form: Form, by: int, at: datetime) -> None:
    """Move a form by so many places among those that are not archived; -1 is one place up.

    Raises NotFound for one that is archived or gone.
    """
    with transaction.atomic():
        rows = _lock_all(form.account)
        rest = [row for row in rows if row.status == FormStatus.ARCHIVED]
        in_order = [row for row in rows if row.status != FormStatus.ARCHIVED]
        place = next((n for n, row in enumerate(in_order) if row.pk == form.pk), None)
        if place is None:
            raise NotFound("The form")
        row = in_order.pop(place)
        in_order.insert(max(place + by, 0), row)
        _number([*in_order, *rest], at)


def _lock_all(account: Account) -> list[Form]:
    """The account's forms, locked, in their order."""
    rows = Form.objects.select_for_update(no_key=True).filter(account=account).order_by("pk")
    return sorted(rows, key=lambda row: (row.priority, row.pk))


def _number(forms: list[Form], at: datetime) -> None:
    for priority, row in enumerate(forms, start=1):
        row.priority = priority
    Form.objects.bulk_update(forms, ["priority"])
    if forms:
        note_change(forms[0].account, at=at)
