"""Addresses of sign-in, search and settings."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from segmenter.accounts import link_views, settings_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.health, name="health"),
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-out", LogoutView.as_view(next_page="sign-in"), name="sign-out"),
    path("set-up", link_views.set_up_link, name="set-up"),
    path("set-up/shop", link_views.set_up_shop, name="set-up-shop"),
    path("invitation", link_views.invitation_link, name="invitation"),
    path("invitation/answer", link_views.invitation_answer, name="invitation-answer"),
    path("invitation/sign-out", link_views.invitation_sign_out, name="invitation-sign-out"),
    path("reset-password", link_views.reset_link, name="reset-password"),
    path("reset-password/new", link_views.reset_password, name="reset-password-new"),
    path("language", views.language, name="language"),
    path("account/switch", views.switch_account, name="switch-account"),
    path("search", views.search, name="search"),
    path("settings/", settings_views.settings_home, name="settings"),
    path("settings/account", settings_views.account, name="settings-account"),
    path("settings/team", settings_views.team, name="settings-team"),
    path("settings/team/<int:seat_id>/role", settings_views.team_role, name="team-role"),
    path("settings/team/<int:seat_id>/remove", settings_views.team_remove, name="team-remove"),
    path(
        "settings/team/invitations/<int:invitation_id>/link",
        settings_views.invitation_renew,
        name="invitation-renew",
    ),
    path(
        "settings/team/invitations/<int:invitation_id>/withdraw",
        settings_views.invitation_withdraw,
        name="invitation-withdraw",
    ),
    path("settings/api-keys", settings_views.api_keys, name="settings-keys"),
    path("settings/api-keys/<int:key_id>/revoke", settings_views.api_key_revoke, name="key-revoke"),
    path("settings/me", settings_views.me, name="settings-me"),
]
