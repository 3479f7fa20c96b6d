"""Shared by the views of one form: the form of a URL, and the context of its head and tabs."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from forms_targeting.engine.publishing import get_form, unpublished_letters, was_seen
from forms_targeting.models import Form, FormStatus
from segmenter.accounts.access import SeatRequest
from segmenter.accounts.models import Role
from segmenter.kernel.errors import NotFound


def form_or_404(request: SeatRequest, key: str) -> Form:
    """The account's form with this key; 404 for unknown ones and those of other accounts."""
    try:
        return get_form(request.seat.account, key)
    except NotFound:
        raise Http404 from None


def may_write(request: SeatRequest) -> bool:
    return request.seat.allows(Role.MARKETER)


def form_context(request: SeatRequest, form: Form, tab: str) -> dict[str, Any]:
    """The context of the head and the tabs of a form's pages."""
    status = FormStatus(form.status)
    return {
        "form": form,
        "status": status,
        "variants": list(form.variants.order_by("letter")),
        "changes": unpublished_letters(form) if status is not FormStatus.ARCHIVED else [],
        "can_delete": status is not FormStatus.LIVE and not was_seen(form),
        "tab": tab,
        "may_write": may_write(request),
    }
