"""The page of an account's tags: renaming and deleting them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.errors import ApplicationError
from segments.engine.tags import delete_tag, rename_tag
from segments.models import Tag
from segments.pages.list_rows import tags_of


@require_GET
@page(Role.MARKETER)
def tags(request: SeatRequest) -> HttpResponse:
    """All tags, with the number of their segments."""
    return render(request, "segments/pages/tags.html", {"tags": tags_of(request.seat.account)})


@require_POST
@page(Role.MARKETER)
def change_tag(request: SeatRequest, key: str) -> HttpResponseBase:
    """Rename a tag (`name`), or delete it (`delete`)."""
    tag = Tag.objects.filter(account=request.seat.account, key=key).first()
    if tag is None:
        raise Http404
    before = tag.name
    if "delete" in request.POST:
        delete_tag(tag)
        messages.success(request, _("The tag “%(name)s” is deleted.") % {"name": before})
        return redirect("segments:tags")
    try:
        rename_tag(tag=tag, name=request.POST.get("name", "").replace("\0", ""))
    except ApplicationError as error:
        messages.error(request, " ".join(problem.message for problem in error.problems))
    else:
        words = _("The tag “%(before)s” is called “%(name)s” now.")
        messages.success(request, words % {"before": before, "name": tag.name})
    return redirect("segments:tags")
