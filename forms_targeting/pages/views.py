"""The pages of forms: the list, and what a form's state is; its figures are another room's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from forms_targeting.behavior import read_behavior
from forms_targeting.engine import form_order, publishing
from forms_targeting.engine.form_page import form_context, form_or_404, may_write
from forms_targeting.models import Form, FormStatus
from forms_targeting.pages import queries
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import search_words, sort_head
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError

HEADS = (
    ("place", gettext_lazy("Order")),
    ("name", gettext_lazy("Name")),
    ("views", gettext_lazy("Views")),
    ("submissions", gettext_lazy("Submissions")),
    ("rate", gettext_lazy("Rate")),
)


# --- reading -------------------------------------------------------------------------------------


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    """The account's forms: searched, filtered by status, sorted; first the one that wins."""
    return render_page_or_part(request, "forms_targeting/pages/list.html", _list_context(request))


def _list_context(request: SeatRequest) -> dict[str, Any]:
    account, words = request.seat.account, search_words(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort.removeprefix("-") in queries.SORTS else "place"
    status = request.GET.get("status", "")
    status = status if status in FormStatus.values else ""
    today = now().astimezone(account.zone).date()
    filters = {name: text for name, text in (("q", words), ("status", status)) if text}
    return {
        "rows": queries.form_rows(account, today=today, words=words, status=status, sort=sort),
        "heads": [
            sort_head(name, label, sort, filters, ascending=name in {"place", "name"})
            for name, label in HEADS
        ],
        "has_forms": Form.objects.filter(account=account).exists(),
        "words": words,
        "status": status,
        "statuses": FormStatus.choices,
        "sort": sort,
        "days": queries.DAYS,
        "may_write": may_write(request),
        "may_move": may_write(request) and sort == "place" and not filters,
    }


@require_GET
@page()
def versions(request: SeatRequest, key: str) -> HttpResponse:
    """What each version said, who published it, and the wordings of its consents."""
    form = form_or_404(request, key)
    context = form_context(request, form, "versions") | {"versions": queries.versions_of(form)}
    return render(request, "forms_targeting/pages/versions.html", context)


@require_GET
@page()
def use(request: SeatRequest, key: str) -> HttpResponse:
    """How the shop's pages show the form: embedded, by a link, by a trigger."""
    form = form_or_404(request, key)
    names = [
        trigger.values["name"]
        for trigger in read_behavior(form.behavior).triggers
        if trigger.name == "custom"
    ]
    context = form_context(request, form, "use") | {
        "element_code": f'<div class="klaviyo-form-{form.key}"></div>',
        "open_code": f'klaviyo.openForm("{form.key}")',
        "trigger_codes": [(name, f"klaviyo.trigger({json.dumps(name)})") for name in names],
    }
    return render(request, "forms_targeting/pages/use.html", context)


# --- changes -------------------------------------------------------------------------------------


def _carry_out(
    request: SeatRequest, key: str, work: Callable[[], Any], success: str
) -> HttpResponseBase:
    """Do it and say so, or say why not; then the form's page."""
    try:
        work()
    except ApplicationError as error:
        messages.error(request, _problem_text(error))
    else:
        messages.success(request, success)
    return redirect("forms_targeting:form", key)


def _problem_text(error: ApplicationError) -> str:
    """The problems as sentences, those of a part of the form with the name of the part."""
    places = {"rules": _("Targeting"), "behavior": _("Behavior"), "variants": _("Content")}
    sentences = []
    for problem in error.problems:
        part = problem.pointer.strip("/").partition("/")[0]
        sentence = f"{places[part]}: {problem.message}" if part in places else problem.message
        sentences.append(sentence)
    return " ".join(dict.fromkeys(sentences))


@require_POST
@page(Role.MARKETER)
def publish(request: SeatRequest, key: str) -> HttpResponseBase:
    form, user = form_or_404(request, key), request.seat.user
    success = _("“%(name)s” is live.") % {"name": form.name}
    return _carry_out(
        request, key, lambda: publishing.publish(form=form, user=user, at=now()), success
    )


@require_POST
@page(Role.MARKETER)
def pause(request: SeatRequest, key: str) -> HttpResponseBase:
    form = form_or_404(request, key)
    success = _("“%(name)s” is paused: nobody sees it.") % {"name": form.name}
    return _carry_out(request, key, lambda: publishing.pause(form=form, at=now()), success)


@require_POST
@page(Role.MARKETER)
def archive(request: SeatRequest, key: str) -> HttpResponseBase:
    form = form_or_404(request, key)
    success = _("“%(name)s” is archived.") % {"name": form.name}
    return _carry_out(request, key, lambda: publishing.archive(form=form, at=now()), success)


@require_POST
@page(Role.MARKETER)
def restore(request: SeatRequest, key: str) -> HttpResponseBase:
    form = form_or_404(request, key)
    success = _("“%(name)s” is back, and paused.") % {"name": form.name}
    return _carry_out(request, key, lambda: publishing.restore(form=form, at=now()), success)


@require_POST
@page(Role.MARKETER)
def duplicate(request: SeatRequest, key: str) -> HttpResponseBase:
    """Make a draft like the form, and open it."""
    form = form_or_404(request, key)
    try:
        copy = publishing.duplicate(form=form, user=request.seat.user, at=now())
    except ApplicationError as error:
        messages.error(request, _problem_text(error))
        return redirect("forms_targeting:form", key)
    messages.success(request, _("This is the copy. It is a draft."))
    return redirect("forms_targeting:form", copy.key)


@require_POST
@page(Role.MARKETER)
def rename(request: SeatRequest, key: str) -> HttpResponseBase:
    form, name = form_or_404(request, key), request.POST.get("name", "")
    return _carry_out(
        request, key, lambda: publishing.rename_form(form=form, name=name, at=now()), _("Saved.")
    )


@require_POST
@page(Role.MARKETER)
def delete(request: SeatRequest, key: str) -> HttpResponseBase:
    form = form_or_404(request, key)
    try:
        publishing.delete_form(form=form)
    except ApplicationError as error:
        messages.error(request, _problem_text(error))
        return redirect("forms_targeting:form", key)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": form.name})
    return redirect("forms_targeting:list")


@require_POST
@page(Role.MARKETER)
def move(request: SeatRequest, key: str) -> HttpResponseBase:
    """Move the form one place up or down in the order (`way`)."""
    form = form_or_404(request, key)
    way = -1 if request.POST.get("way") == "up" else 1
    try:
        form_order.move_form(form=form, by=way, at=now())
    except ApplicationError as error:
        messages.error(request, _problem_text(error))
    if not request.htmx:
        return redirect("forms_targeting:list")
    return render(request, "forms_targeting/pages/_list.html", _list_context(request))
