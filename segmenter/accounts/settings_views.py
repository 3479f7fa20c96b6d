"""The settings pages: account, team and API keys for owners, and personal ones for everybody."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import activate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.forms import AccountForm, ApiKeyForm, InvitationForm, MeForm, RoleForm
from segmenter.accounts.invitations import (
    InvitationLink,
    invitations_to_show,
    invite,
    renew_link,
    withdraw,
)
from segmenter.accounts.links import link_path
from segmenter.accounts.models import SCOPES, ApiKey, Role, User, create_api_key
from segmenter.accounts.team import change_role, remove_from_team
from segmenter.accounts.views import remember_language
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound


@require_GET
@page()
def settings_home(request: SeatRequest) -> HttpResponseBase:
    return redirect("settings-account" if request.seat.allows(Role.OWNER) else "settings-me")


@require_http_methods(["GET", "POST"])
@page(Role.OWNER)
def account(request: SeatRequest) -> HttpResponseBase:
    form = AccountForm(request.POST or None, instance=request.seat.account)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("settings-account")
    if form.errors:
        request.seat.account.refresh_from_db()
    return render(request, "accounts/account.html", {"form": form})


@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.OWNER)
def team(request: SeatRequest) -> HttpResponseBase:
    """Show the team and its invitations; POST invites and shows the link once."""
    form = InvitationForm(request.POST or None)
    link = None
    if request.method == "POST" and form.is_valid():
        try:
            link = invite(
                account=request.seat.account, by=request.seat.user, at=now(), **form.cleaned_data
            )
            form = InvitationForm()
        except ApplicationError as error:
            form.add_error("email", error.problems[0].message)
    return _team_page(request, form=form, link=link)


def _team_page(
    request: SeatRequest, *, form: InvitationForm, link: InvitationLink | None = None
) -> HttpResponse:
    account, at = request.seat.account, now()
    context: dict[str, object] = {
        "team": account.seats.select_related("user").order_by("user__email"),
        "roles": Role.choices,
        "form": form,
        "invitations": [
            (invitation, invitation.state(at)) for invitation in invitations_to_show(account, at=at)
        ],
    }
    if link is not None:
        context["invited"] = link.invitation
        context["link"] = request.build_absolute_uri(link_path("invitation", link.secret))
    return render(request, "accounts/team.html", context)


@require_POST
@never_cache
@page(Role.OWNER)
def invitation_renew(request: SeatRequest, invitation_id: int) -> HttpResponseBase:
    """Make a new link for an open invitation, and show it once."""
    account, by = request.seat.account, request.seat.user
    try:
        link = renew_link(account=account, invitation_id=invitation_id, by=by, at=now())
    except NotFound:
        raise Http404 from None
    except ApplicationError as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings-team")
    return _team_page(request, form=InvitationForm(), link=link)


@require_POST
@page(Role.OWNER)
def invitation_withdraw(request: SeatRequest, invitation_id: int) -> HttpResponseBase:
    account = request.seat.account
    try:
        invitation = withdraw(account=account, invitation_id=invitation_id, at=now())
    except NotFound:
        raise Http404 from None
    except ApplicationError as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings-team")
    messages.success(request, _("%(email)s is no longer invited.") % {"email": invitation.email})
    return redirect("settings-team")


@require_POST
@page(Role.OWNER)
def team_role(request: SeatRequest, seat_id: int) -> HttpResponseBase:
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        seat = change_role(
            account=request.seat.account, seat_id=seat_id, at=now(), **form.cleaned_data
        )
    except NotFound:
        raise Http404 from None
    except ApplicationError as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings-team")
    role = Role(seat.role).label
    messages.success(request, _("%(user)s is %(role)s now.") % {"user": seat.user, "role": role})
    return redirect("settings" if seat.pk == request.seat.pk else "settings-team")


@require_POST
@page(Role.OWNER)
def team_remove(request: SeatRequest, seat_id: int) -> HttpResponseBase:
    try:
        user = remove_from_team(account=request.seat.account, seat_id=seat_id, at=now())
    except NotFound:
        raise Http404 from None
    except ApplicationError as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings-team")
    messages.success(request, _("%(user)s is no longer in the team.") % {"user": user})
    return redirect("home" if user.pk == request.user.pk else "settings-team")


@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.OWNER)
def api_keys(request: SeatRequest) -> HttpResponseBase:
    """Show the account's keys; POST creates one and shows its secret once."""
    form = ApiKeyForm(request.POST or None, initial={"scopes": []})
    new_key, secret = None, ""
    if request.method == "POST" and form.is_valid():
        new_key, secret = create_api_key(account=request.seat.account, **form.cleaned_data)
        form = ApiKeyForm()
    keys = ApiKey.objects.filter(account=request.seat.account).order_by("-created", "-pk")
    nouns = list(dict.fromkeys(scope.partition(":")[0] for scope in SCOPES))
    context = {"form": form, "keys": keys, "new_key": new_key, "secret": secret, "nouns": nouns}
    return render(request, "accounts/api_keys.html", context)


@require_POST
@page(Role.OWNER)
def api_key_revoke(request: SeatRequest, key_id: int) -> HttpResponseBase:
    key = ApiKey.objects.filter(account=request.seat.account, pk=key_id).first()
    if key is None:
        raise Http404
    if key.revoked is None:
        key.revoke(at=now())
    messages.success(request, _("“%(key)s” is revoked.") % {"key": key.name})
    return redirect("settings-keys")


@require_http_methods(["GET", "POST"])
@page()
def me(request: SeatRequest) -> HttpResponseBase:
    """A person's name and language, and their password."""
    user = request.seat.user
    asks_password = "new_password1" in request.POST
    form = MeForm(None if asks_password else request.POST or None, instance=user)
    password_form = PasswordChangeForm(user, request.POST if asks_password else None)
    if asks_password and password_form.is_valid():
        updated_user = password_form.save()
        assert isinstance(updated_user, User)
        update_session_auth_hash(request, updated_user)
        messages.success(request, _("Your password is changed. Other browsers are signed out."))
        return redirect("settings-me")
    if request.method == "POST" and not asks_password and form.is_valid():
        form.save()
        if user.language:
            activate(user.language)
        messages.success(request, _("Saved."))
        response = redirect("settings-me")
        remember_language(response, user.language)
        return response
    return render(request, "accounts/me.html", {"form": form, "password_form": password_form})
