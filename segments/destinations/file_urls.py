"""Addresses of destinations of files, and of the links to them."""

from __future__ import annotations

from django.urls import path

from segments.destinations import file_views, link_views

_ONE = "segments/<str:key>/scheduled-files/<str:destination_key>"

urlpatterns = [
    path("sheets/<str:token>.csv", link_views.sheet, name="sheet"),
    path(
        "segments/<str:key>/scheduled-files/new/<str:kind>",
        file_views.new,
        name="scheduled-file-new",
    ),
    path(_ONE, file_views.detail, name="scheduled-file"),
    path(f"{_ONE}/change", file_views.change, name="scheduled-file-change"),
    path(f"{_ONE}/switch", file_views.switch, name="scheduled-file-switch"),
    path(f"{_ONE}/renew-link", file_views.renew_link, name="scheduled-file-renew-link"),
    path(f"{_ONE}/delete", file_views.delete, name="scheduled-file-delete"),
]
