"""Addresses of sharing definitions."""

from __future__ import annotations

from django.urls import path

from segments.sharing import views

urlpatterns = [
    path("segments/take", views.take, name="take"),
    path("segments/<str:key>/share", views.share, name="share"),
    path("segments/<str:key>/definition.json", views.definition_file, name="definition-file"),
]
