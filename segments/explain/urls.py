"""URLs of the explanations."""

from __future__ import annotations

from django.urls import path

from segments.explain import views

urlpatterns = [
    path("segments/<str:key>/explain/", views.why, name="why"),
    path("segments/<str:key>/explain/<str:profile_id>/", views.explain, name="explain"),
]
