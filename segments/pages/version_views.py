"""The pages of a segment's definition and versions: reading, comparing, restoring."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError
from segments.engine.dry_run import changes_of
from segments.engine.editing import save_segment
from segments.engine.queries import Inventory
from segments.engine.revisions import EditConflict, Revision, has_changed, read_signed
from segments.page import may_write, segment_context, segment_or_404
from segments.pages import queries, versions


@require_GET
@page()
def definition(request: SeatRequest, key: str) -> HttpResponse:
    """The segment's definition: as a sentence, a tree with counts, JSON, and its versions.

    With `restore`, the number of a version, a dialog shows what restoring it would do.
    """
    segment = segment_or_404(request, key)
    shows_all = "all" in request.GET
    rows = versions.version_rows(segment, limit=versions.MOST if shows_all else versions.FEW)
    context = segment_context(request, segment, "definition") | {
        "text": queries.definition_text(segment, now()),
        "json": json.dumps(segment.definition, indent=2, ensure_ascii=False),
        "versions": rows,
        "more": 0 if shows_all else segment.versions.count() - len(rows),
        "revision": Revision.of(segment),
    }
    version = versions.version_of(segment, request.GET.get("restore", ""))
    if version is not None and may_write(request):
        try:
            context["changes"] = changes_of(
                request.seat.account, segment, version.definition, now()
            )
        except ApplicationError as error:
            messages.error(request, " ".join(problem.message for problem in error.problems))
        context["restoring"] = version
    return render(request, "segments/pages/definition.html", context)


@require_GET
@page()
def compare(request: SeatRequest, key: str) -> HttpResponse:
    """The difference of two versions: `before` and `after`, by default the last two."""
    segment = segment_or_404(request, key)
    numbers = list(segment.versions.order_by("-number").values_list("number", flat=True))
    newest = [str(number) for number in numbers[:2]] or [""]
    before = versions.version_of(segment, request.GET.get("before", newest[-1]))
    after = versions.version_of(segment, request.GET.get("after", newest[0]))
    if before is None or after is None:
        raise Http404
    inventory = Inventory(request.seat.account)
    lines, note = versions.lines_between(before.definition, after.definition, inventory)
    context = segment_context(request, segment, "definition") | {
        "numbers": numbers,
        "before": before,
        "after": after,
        "lines": lines,
        "note": note,
        "sentences": [
            (version, versions.sentence_of(version.definition, inventory))
            for version in (before, after)
        ],
    }
    return render(request, "segments/pages/compare_versions.html", context)


@require_POST
@page(Role.MARKETER)
def restore(request: SeatRequest, key: str) -> HttpResponseBase:
    """Make an earlier version's definition the current one; first show whom that moves."""
    segment = segment_or_404(request, key)
    version = versions.version_of(segment, request.POST.get("version", ""))
    if version is None:
        raise Http404
    text = request.POST.get("revision", "")
    since = read_signed(text) if text else Revision.of(segment)
    if since is None or since.account != request.seat.account.slug:
        raise Http404
    account, at = request.seat.account, now()
    try:
        if has_changed(segment, since):
            raise EditConflict
        if "confirmed" not in request.POST and changes_of(account, segment, version.definition, at):
            query = urlencode({"restore": version.number})
            return redirect(f"{reverse('segments:definition', args=[key])}?{query}")
        save_segment(
            account=account,
            user=request.seat.user,
            name=segment.name,
            definition=version.definition,
            segment=segment,
            at=at,
            since=since,
            announces=request.POST.get("announces") == "yes",
        )
    except ApplicationError as error:
        messages.error(request, " ".join(problem.message for problem in error.problems))
        return redirect("segments:definition", key)
    messages.success(request, _("Version %(number)s is restored.") % {"number": version.number})
    return redirect("segments:detail", key)
