"""The pages of one-time links: an invitation, the first set-up, a forgotten password.

A link opens a page whose script posts the secret in the fragment (after #). Then the session stores
the link; opening it does not use it up.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from segmenter.accounts.forms import VOID_LINK, LinkForm, NewPasswordForm, NewPersonForm, SetUpForm
from segmenter.accounts.invitations import (
    Invitation,
    accept,
    accept_as_new_user,
    decline,
    find_invitation,
)
from segmenter.accounts.middleware import SESSION_KEY
from segmenter.accounts.models import User
from segmenter.accounts.password_reset import find_reset_user, set_password_by_link
from segmenter.accounts.set_up import is_set_up_secret, needs_set_up, set_up
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Conflict, NotFound
from segmenter.kernel.keys import digest

INVITATION_KEY = "invitation"
SET_UP_KEY = "set_up"
RESET_KEY = "reset_password"
"""Session keys for the digest or secret of an opened link."""


def _open_link(
    request: HttpRequest, template: str, *, find: Callable[[str], str | None], key: str, then: str
) -> HttpResponse:
    """Show the page of a link; POST looks its secret up and redirects to `then`."""
    form = LinkForm(find, request, request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            request.session[key] = form.value
            return redirect(then)
        status = 429 if form.pause else 422
    response = render(request, template, {"form": form}, status=status)
    if form.pause:
        response["Retry-After"] = str(form.pause)
    return response


def _void_link(request: HttpRequest) -> HttpResponse:
    """Show the message for void links: this one became void after it was opened."""
    return render(request, "accounts/link_void.html", {"words": VOID_LINK}, status=404)


@require_http_methods(["GET", "POST"])
@never_cache
def invitation_link(request: HttpRequest) -> HttpResponseBase:
    def find(secret: str) -> str | None:
        invitation = find_invitation(digest(secret), at=now())
        return invitation.digest if invitation else None

    return _open_link(
        request,
        "accounts/invitation_link.html",
        find=find,
        key=INVITATION_KEY,
        then="invitation-answer",
    )


@require_http_methods(["GET", "POST"])
@never_cache
def invitation_answer(request: HttpRequest) -> HttpResponseBase:
    """Show an invitation; POST accepts or declines."""
    invitation = find_invitation(request.session.get(INVITATION_KEY, ""), at=now())
    if invitation is None:
        return _void_link(request)
    form = _answer_form(request, invitation)
    if request.method == "POST":
        if request.POST.get("invitation") != str(invitation.pk):
            return redirect("invitation-answer")  # another link was opened meanwhile
        try:
            response = _answer(request, invitation, form)
        except NotFound:
            return _void_link(request)
        except Conflict:
            return redirect("invitation-answer")  # the page shows what is needed now
        if response is not None:
            return response
    return _invitation_page(request, invitation, form)


def _answer_form(request: HttpRequest, invitation: Invitation) -> NewPasswordForm | None:
    """Return the form for accepting: a password, and a name of new users; None if not allowed."""
    data = request.POST if request.POST.get("answer") == "accept" else None
    if isinstance(request.user, User):
        return (
            NewPasswordForm(request.user, data) if request.user.email == invitation.email else None
        )
    if User.objects.filter(email=invitation.email).exists():
        return None
    return NewPersonForm(User(email=invitation.email), data)


def _answer(
    request: HttpRequest, invitation: Invitation, form: NewPasswordForm | None
) -> HttpResponse | None:
    """Process an answer; None if the page has to be shown again."""
    link_digest = invitation.digest
    if request.POST.get("answer") == "decline":
        decline(link_digest=link_digest, at=now())
        del request.session[INVITATION_KEY]
        return render(request, "accounts/invitation_declined.html", {"invitation": invitation})
    if form is None or not form.is_valid():
        return None
    password = form.cleaned_data["new_password1"]
    if isinstance(request.user, User):
        accept(link_digest=link_digest, user=request.user, password=password, at=now())
        update_session_auth_hash(request, request.user)
    else:
        name = form.cleaned_data["name"]
        _invitation, user = accept_as_new_user(
            link_digest=link_digest, name=name, password=password, at=now()
        )
        login(request, user)
    del request.session[INVITATION_KEY]
    if invitation.account is not None:
        request.session[SESSION_KEY] = invitation.account.pk
        words = _("Welcome to %(account)s.") % {"account": invitation.account}
        messages.success(request, words)
    return redirect("home")


def _invitation_page(
    request: HttpRequest, invitation: Invitation, form: NewPasswordForm | None
) -> HttpResponse:
    if isinstance(request.user, User):
        case = "accept" if request.user.email == invitation.email else "another"
    else:
        case = "new" if isinstance(form, NewPersonForm) else "sign-in"
    context = {"invitation": invitation, "form": form, "case": case}
    status = 422 if form is not None and form.errors else 200
    return render(request, "accounts/invitation.html", context, status=status)


@require_POST
@never_cache
def invitation_sign_out(request: HttpRequest) -> HttpResponseBase:
    """Sign out and keep the link, which is for another person."""
    link_digest = request.session.get(INVITATION_KEY, "")
    logout(request)
    request.session[INVITATION_KEY] = link_digest
    return redirect("invitation-answer")


@require_http_methods(["GET", "POST"])
@never_cache
def set_up_link(request: HttpRequest) -> HttpResponseBase:
    if not needs_set_up():
        return redirect("home")

    def find(secret: str) -> str | None:
        return secret if is_set_up_secret(secret) else None

    return _open_link(
        request, "accounts/set_up_link.html", find=find, key=SET_UP_KEY, then="set-up-shop"
    )


@require_http_methods(["GET", "POST"])
@never_cache
def set_up_shop(request: HttpRequest) -> HttpResponseBase:
    """Create the first account and its owner, once."""
    if not is_set_up_secret(request.session.get(SET_UP_KEY, "")):
        return redirect("set-up")
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            seat = set_up(
                shop=data["shop"],
                time_zone=data["time_zone"],
                name=data["name"],
                email=data["email"],
                password=data["new_password1"],
            )
        except Conflict:
            return redirect("sign-in")  # another request was first
        del request.session[SET_UP_KEY]
        login(request, seat.user)
        return redirect("home")
    return render(
        request, "accounts/set_up.html", {"form": form}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
@never_cache
def reset_link(request: HttpRequest) -> HttpResponseBase:
    def find(secret: str) -> str | None:
        return secret if find_reset_user(secret) else None

    return _open_link(
        request,
        "accounts/reset_link.html",
        find=find,
        key=RESET_KEY,
        then="reset-password-new",
    )


@require_http_methods(["GET", "POST"])
@never_cache
def reset_password(request: HttpRequest) -> HttpResponseBase:
    """Ask the person for a new password and sign them in with it."""
    secret = request.session.get(RESET_KEY, "")
    user = find_reset_user(secret)
    if user is None:
        return _void_link(request)
    form = NewPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["new_password1"]
        try:
            user = set_password_by_link(secret=secret, password=password)
        except NotFound:
            return _void_link(request)
        del request.session[RESET_KEY]
        login(request, user)
        return redirect("home")
    context = {"form": form, "person": user}
    return render(
        request, "accounts/new_password.html", context, status=422 if form.errors else 200
    )
