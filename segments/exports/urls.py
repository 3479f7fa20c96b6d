"""Addresses of exports and their files."""

from __future__ import annotations

from django.urls import path

from segments.exports import views

urlpatterns = [
    path("segments/<str:key>/members.csv", views.members_csv, name="csv"),
    path("segments/<str:key>/exports", views.index, name="exports"),
    path("segments/<str:key>/exports/people", views.people, name="export-people"),
    path(
        "segments/<str:key>/exports/sets/<int:set_id>/delete",
        views.delete_set,
        name="column-set-delete",
    ),
    path("segments/<str:key>/exports/<int:export_id>", views.detail, name="export"),
    path("segments/<str:key>/exports/<int:export_id>/cancel", views.cancel, name="export-cancel"),
    path("segments/<str:key>/exports/<int:export_id>/file", views.download, name="export-file"),
]
