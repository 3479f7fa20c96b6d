"""Addresses of a segment's destinations."""

from __future__ import annotations

from django.urls import path

from segments.destinations import views

_ONE = "segments/<str:key>/destinations/<str:destination_key>"
urlpatterns = [
    path("segments/<str:key>/destinations", views.index, name="destinations"),
    path("segments/<str:key>/destinations/new/<str:kind>", views.new, name="destination-new"),
    path(_ONE, views.detail, name="destination"),
    path(f"{_ONE}/change", views.change, name="destination-change"),
    path(f"{_ONE}/pause", views.pause, name="destination-pause"),
    path(f"{_ONE}/compare", views.compare, name="destination-compare"),
    path(f"{_ONE}/delete", views.delete, name="destination-delete"),
]
