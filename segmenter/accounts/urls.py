"""Addresses of sign-in, search and settings."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from segmenter.accounts import settings_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.health, name="health"),
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-out", LogoutView.as_view(next_page="sign-in"), name="sign-out"),
    path("language", views.language, name="language"),
    path("account/switch", views.switch_account, name="switch-account"),
    path("search", views.search, name="search"),
    path("settings/", settings_views.settings_home, name="settings"),
    path("settings/account", settings_views.account, name="settings-account"),
    path("settings/team", settings_views.team, name="settings-team"),
    path("settings/team/<int:seat_id>/role", settings_views.team_role, name="team-role"),
    path("settings/team/<int:seat_id>/remove", settings_views.team_remove, name="team-remove"),
    path(
        "settings/team/<int:seat_id>/password", settings_views.team_password, name="team-password"
    ),
    path("settings/api-keys", settings_views.api_keys, name="settings-keys"),
    path("settings/api-keys/<int:key_id>/revoke", settings_views.api_key_revoke, name="key-revoke"),
    path("settings/me", settings_views.me, name="settings-me"),
]
