"""The pages of webhooks: the list, one with its log, the form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from profiles.models import Profile
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import cursors
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound
from segmenter.kernel.pagination import Order, page_of
from segments.models import Delivery, DeliveryState, MembershipChange, Reason, Segment, Webhook
from segments.webhooks import deliveries, editing
from segments.webhooks.forms import WebhookForm, initial

PAGE_SIZE = 50
SOON = timedelta(seconds=10)


def _webhook(request: SeatRequest, key: str) -> Webhook:
    try:
        return editing.get_webhook(request.seat.account, key)
    except NotFound:
        raise Http404 from None


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    account = request.seat.account
    counts = deliveries.counts(account)
    webhooks = Webhook.objects.filter(account=account)
    context = {
        "rows": [
            {"webhook": webhook, "counts": counts[webhook.pk]}
            for webhook in webhooks.order_by("name", "pk")
        ],
        "may_write": request.seat.allows(Role.MARKETER),
    }
    return render(request, "segments/webhooks/list.html", context)


# --- one webhook ---------------------------------------------------------------------------------


@require_GET
@page()
def detail(request: SeatRequest, key: str) -> HttpResponse:
    """A webhook and its log; for htmx only the log."""
    context = _context(request, _webhook(request, key))
    return render_page_or_part(request, "segments/webhooks/detail.html", context)


def _context(request: SeatRequest, webhook: Webhook) -> dict[str, Any]:
    state = request.GET.get("state", "")
    state = state if state in DeliveryState.values else ""
    log = Delivery.objects.filter(webhook=webhook)
    log_page = page_of(
        log.filter(state=state) if state else log,
        Order("id", descending=True),
        size=PAGE_SIZE,
        **cursors(request),
    )
    return {
        "webhook": webhook,
        "disabled_reason": Reason(webhook.disabled_reason).label if webhook.disabled_reason else "",
        "counts": deliveries.counts(request.seat.account)[webhook.pk],
        "old_secret_signs": len(webhook.secrets_at(now())) > 1,
        "segments": webhook.segments.order_by("name"),
        "page": log_page,
        "rows": _log_rows(webhook, log_page.rows),
        "state": state,
        "states": DeliveryState.choices,
        "query": f"state={state}&" if state else "",
        "is_moving": webhook.is_active and any(_is_soon(row) for row in log_page.rows),
        "may_write": request.seat.allows(Role.MARKETER),
    }


def _is_soon(row: Delivery) -> bool:
    """Whether the state of a message may change soon, so that the page polls."""
    return row.next_at is not None and row.next_at <= now() + SOON


def _log_rows(webhook: Webhook, rows: list[Delivery]) -> list[dict[str, Any]]:
    """Deliveries with the change, the segment and the person of each, if these exist."""
    of_account = {"account_id": webhook.account_id}
    changes = MembershipChange.objects.filter(**of_account).in_bulk(
        [row.change_id for row in rows if row.change_id is not None]
    )
    segments = Segment.objects.filter(**of_account).in_bulk(
        {change.segment_id for change in changes.values()}
    )
    people = Profile.objects.filter(**of_account).in_bulk(
        {row.profile_id for row in rows if row.profile_id is not None}
    )
    result = []
    for row in rows:
        change = changes.get(row.change_id or 0)
        result.append(
            {
                "delivery": row,
                "change": change,
                "segment": segments.get(change.segment_id) if change else None,
                "person": people.get(row.profile_id or 0),
            }
        )
    return result


def _with_secret(request: SeatRequest, webhook: Webhook, secret: str) -> HttpResponse:
    """The page of a webhook with its secret, only once."""
    context = {**_context(request, webhook), "secret": secret}
    return render(request, "segments/webhooks/detail.html", context)


# --- the form ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.MARKETER)
def new(request: SeatRequest) -> HttpResponseBase:
    """The form of a new webhook; POST creates it and shows its secret only once."""
    account = request.seat.account
    form = WebhookForm(account, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            webhook, secret = editing.create_webhook(
                account=account, settings=form.settings(), at=now()
            )
        except ApplicationError as error:
            _add_errors(form, error)
        else:
            return _with_secret(request, webhook, secret)
    return _form_page(request, form)


@require_http_methods(["GET", "POST"])
@page(Role.MARKETER)
def edit(request: SeatRequest, key: str) -> HttpResponseBase:
    webhook = _webhook(request, key)
    form = WebhookForm(request.seat.account, request.POST or None, initial=initial(webhook))
    if request.method == "POST" and form.is_valid():
        try:
            editing.change_webhook(webhook=webhook, settings=form.settings(), at=now())
        except ApplicationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("webhooks:detail", key)
    return _form_page(request, form, webhook)


def _add_errors(form: WebhookForm, error: ApplicationError) -> None:
    """Add the problems to the fields that they belong to."""
    for problem in error.problems:
        name = problem.pointer.strip("/")
        form.add_error(name if name in form.fields else None, problem.message)


def _form_page(
    request: SeatRequest, form: WebhookForm, webhook: Webhook | None = None
) -> HttpResponse:
    context = {"form": form, "webhook": webhook}
    return render(
        request, "segments/webhooks/form.html", context, status=422 if form.errors else 200
    )


# --- changes -------------------------------------------------------------------------------------


@require_POST
@never_cache
@page(Role.MARKETER)
def secret(request: SeatRequest, key: str) -> HttpResponseBase:
    """Create a new secret and show it only once."""
    webhook = _webhook(request, key)
    new_secret = editing.renew_secret(webhook=webhook, at=now())
    return _with_secret(request, _webhook(request, key), new_secret)


@require_POST
@page(Role.MARKETER)
def test(request: SeatRequest, key: str) -> HttpResponseBase:
    deliveries.send_test(webhook=_webhook(request, key), at=now())
    messages.success(request, _("A test message is on its way."))
    return redirect("webhooks:detail", key)


@require_POST
@page(Role.MARKETER)
def switch(request: SeatRequest, key: str) -> HttpResponseBase:
    """Switch the webhook on or off (`on`)."""
    on = request.POST.get("on") == "1"
    editing.switch_webhook(webhook=_webhook(request, key), on=on, at=now())
    words = _("The webhook is on.") if on else _("The webhook is off: nothing is sent.")
    messages.success(request, words)
    return redirect("webhooks:detail", key)


@require_POST
@page(Role.MARKETER)
def delete(request: SeatRequest, key: str) -> HttpResponseBase:
    webhook = _webhook(request, key)
    editing.delete_webhook(webhook=webhook)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": webhook.name})
    return redirect("webhooks:list")


@require_POST
@page(Role.MARKETER)
def replay(request: SeatRequest, key: str) -> HttpResponseBase:
    """Send one message of the log again (`delivery`)."""
    webhook, number = _webhook(request, key), request.POST.get("delivery", "")
    if not (number.isascii() and number.isdecimal()) or len(number) > 18:
        raise Http404
    try:
        deliveries.replay(webhook=webhook, delivery_id=int(number), at=now())
    except NotFound:
        raise Http404 from None
    messages.success(request, _("The message is on its way again."))
    return redirect("webhooks:detail", key)


@require_POST
@page(Role.MARKETER)
def replay_failed(request: SeatRequest, key: str) -> HttpResponseBase:
    count = deliveries.replay_failed(webhook=_webhook(request, key), at=now())
    words = ngettext(
        "%(n)d message is on its way again.", "%(n)d messages are on their way again.", count
    )
    messages.success(request, words % {"n": count})
    return redirect("webhooks:detail", key)
