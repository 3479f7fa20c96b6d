"""Addresses of sharing definitions."""

from __future__ import annotations

from django.urls import path

from segments.sharing import link_views, views

urlpatterns = [
    path("segments/take", views.take, name="take"),
    path("segments/take/several", views.take_several, name="take-several"),
    path("segments/definitions.json", views.definition_files, name="definition-files"),
    path("segments/<str:key>/copy", views.copy, name="copy"),
    path("segments/<str:key>/share", views.share, name="share"),
    path("segments/<str:key>/definition.json", views.definition_file, name="definition-file"),
    path("segments/<str:key>/public-link", link_views.public_link, name="public-link"),
    path("segments/<str:key>/public-link/renew", link_views.renew, name="public-link-renew"),
    path("segments/<str:key>/public-link/end", link_views.end, name="public-link-end"),
    path("public/<str:token>", link_views.public, name="public"),
]
