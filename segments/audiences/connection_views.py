"""The pages of a live connection: making it, changing it, pausing and ending it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound
from segments.audiences import connections
from segments.audiences.api import AudienceApi
from segments.audiences.forms import ConnectionForm
from segments.audiences.network import networks
from segments.models import AudienceConnection, Segment
from segments.page import segment_context, segment_or_404


def _api(network: str) -> AudienceApi:
    try:
        return connections.get_api(network)
    except NotFound:
        raise Http404 from None


def _connection(request: SeatRequest, key: str, network: str) -> AudienceConnection:
    connection = connections.connection_of(segment_or_404(request, key), network)
    if connection is None:
        raise Http404
    return connection


def _back(key: str, network: str) -> HttpResponseBase:
    return redirect(f"{reverse('segments:audience', args=[key])}?network={network}")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.MARKETER)
def connect(request: SeatRequest, key: str, network: str) -> HttpResponseBase:
    """The form of a connection; POST asks the network and keeps it."""
    segment, api = segment_or_404(request, key), _api(network)
    current = connections.connection_of(segment, network)
    form = ConnectionForm(api, current, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            connections.connect(
                segment=segment,
                network=network,
                values={name: form.cleaned_data[name] for name in form.names},
                includes_unasked=form.cleaned_data["includes_unasked"],
                user=request.seat.user,
                at=now(),
            )
        except ApplicationError as error:
            for problem in error.problems:
                name = problem.pointer.strip("/")
                form.add_error(name if name in form.fields else None, problem.message)
        else:
            messages.success(request, _("Connected. Everyone is being sent."))
            return _back(key, network)
    return _form_page(request, segment, network, form, current)


def _form_page(
    request: SeatRequest,
    segment: Segment,
    network: str,
    form: ConnectionForm,
    current: AudienceConnection | None,
) -> HttpResponse:
    context = segment_context(request, segment, "use") | {
        "form": form,
        "connection": current,
        "network": networks[network],
        "network_name": network,
    }
    status = 422 if form.errors else 200
    return render(request, "segments/audiences/connect.html", context, status=status)


@require_POST
@page(Role.MARKETER)
def pause(request: SeatRequest, key: str, network: str) -> HttpResponseBase:
    """Send nothing more (`on` 0), or send again; also at once what is due only later."""
    connection = _connection(request, key, network)
    paused = request.POST.get("on") == "0"
    connections.set_paused(connection, paused=paused, at=now())
    words = _("Nothing is sent any more.") if paused else _("It is brought up to date now.")
    messages.success(request, words)
    return _back(key, network)


@require_POST
@page(Role.MARKETER)
def disconnect(request: SeatRequest, key: str, network: str) -> HttpResponseBase:
    connections.disconnect(_connection(request, key, network))
    messages.success(request, _("Disconnected. The people are still in the audience there."))
    return _back(key, network)
