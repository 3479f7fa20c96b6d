"""Addresses of a segment's audiences."""

from __future__ import annotations

from django.urls import path

from segments.audiences import connection_views, views

urlpatterns = [
    path("segments/<str:key>/audience", views.audience, name="audience"),
    path("segments/<str:key>/audience/history", views.history, name="audience-history"),
    path("segments/<str:key>/audience/new", views.new, name="audience-new"),
    path(
        "segments/<str:key>/audience/<str:network>/connect",
        connection_views.connect,
        name="audience-connect",
    ),
    path(
        "segments/<str:key>/audience/<str:network>/pause",
        connection_views.pause,
        name="audience-pause",
    ),
    path(
        "segments/<str:key>/audience/<str:network>/disconnect",
        connection_views.disconnect,
        name="audience-disconnect",
    ),
    path(
        "segments/<str:key>/audience/<str:file_key>.csv", views.download, name="audience-download"
    ),
]
