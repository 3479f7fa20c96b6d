"""The tab of a form that says who sees it and when, and what becomes of who submits it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from forms_targeting.engine.form_checks import ProblemList, check_range, read_targeting
from forms_targeting.engine.form_order import forms_in_order
from forms_targeting.engine.form_page import form_context, form_or_404, may_write
from forms_targeting.engine.publishing import MOST_PRIORITY, save_targeting
from forms_targeting.models import Form, FormStatus
from forms_targeting.pages.targeting import (
    GROUPS,
    MOST_DIGITS,
    TargetingDraft,
    draft_context,
    draft_of,
    empty_row,
    read_draft,
    words_of_draft,
)
from profiles.models import List
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Conflict, Invalid, Problem

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@page()
def targeting(request: SeatRequest, key: str) -> HttpResponseBase:
    """Show and save the rules, the behavior, the list and the priority."""
    form = form_or_404(request, key)
    if request.method == "GET":
        return _page(request, form, draft_of(form))
    if not may_write(request):
        raise PermissionDenied
    draft = read_draft(request.POST)
    try:
        _save(form, draft)
    except Conflict:
        fresh = form_or_404(request, key)
        message = _(
            "Somebody else changed this form meanwhile. Your changes are below and not saved."
            " Save again to replace theirs."
        )
        problem = Problem("", "changed", message)
        return _page(request, fresh, draft.with_stamp(fresh.updated), [problem])
    except Invalid as error:
        return _page(request, form, draft, error.problems)
    live = _("Saved. Visitors see the form by these rules from now on.")
    messages.success(request, live if form.status == FormStatus.LIVE else _("Saved."))
    return redirect("forms_targeting:targeting", key)


def _save(form: Form, draft: TargetingDraft) -> None:
    problems = ProblemList()
    target = problems.result_of(lambda: _list(form, draft.list_key))
    priority = problems.result_of(lambda: _priority(draft.priority))
    problems.result_of(lambda: read_targeting(form.account, draft.rules, draft.whole_behavior))
    problems.check()
    save_targeting(
        form=form,
        rules=draft.rules,
        behavior=draft.whole_behavior,
        priority=priority,
        list=target,
        double_opt_in=draft.double_opt_in,
        at=now(),
        updated=draft.stamp,
    )


def _list(form: Form, key: str) -> List | None:
    if not key:
        return None
    row = List.objects.filter(account=form.account, key=key).first() if "\0" not in key else None
    if row is None:
        raise Invalid(Problem("/list", "not_found", _("There is no such list.")))
    return row


def _priority(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise Invalid(Problem("/priority", "invalid", _("A whole number is needed here.")))
    priority = int(text)
    check_range(priority, "/priority", 0, MOST_PRIORITY)
    return priority


def _page(
    request: SeatRequest, form: Form, draft: TargetingDraft, problems: Sequence[Problem] = ()
) -> HttpResponse:
    account = request.seat.account
    words, _count = words_of_draft(account, draft)
    others = [each for each in forms_in_order(account) if each.pk != form.pk]
    context = form_context(request, form, "targeting") | {
        "words": words,
        "winners": [each for each in others if _rank(each) < _rank(form)],
    }
    if may_write(request):
        context |= draft_context(account, draft, problems)
    status = UNPROCESSABLE if problems else 200
    return render(request, "forms_targeting/pages/targeting.html", context, status=status)


def _rank(form: Form) -> tuple[int, int]:
    return form.priority, form.pk


@require_GET
@page(Role.MARKETER)
def new_row(request: SeatRequest, key: str) -> HttpResponse:
    """Show the inputs of a new rule or trigger: `group`, and its kind under the group's name."""
    form_or_404(request, key)
    group = GROUPS.get(request.GET.get("group", ""))
    if group is None:
        raise Http404
    try:
        row = empty_row(request.seat.account, group, request.GET.get(f"new-{group.name}", ""))
    except KeyError:
        raise Http404 from None
    return render(request, "forms_targeting/pages/_row.html", {"row": row, "is_new": True})


@require_POST
@page(Role.MARKETER)
def words(request: SeatRequest, key: str) -> HttpResponse:
    """Say what the page holds in words; nothing is saved."""
    form_or_404(request, key)
    sentences, count = words_of_draft(request.seat.account, read_draft(request.POST))
    context = {"words": sentences, "n_problems": count}
    return render(request, "forms_targeting/pages/_words.html", context)
