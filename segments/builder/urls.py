"""Addresses of the builder."""

from __future__ import annotations

from django.urls import path

from segments.builder import saving_views, views

urlpatterns = [
    path("segments/new", views.new, name="new"),
    path("segments/builder/preview", views.preview, name="preview"),
    path("segments/builder/change", views.edit, name="change"),
    path("segments/builder/draw", views.draw, name="draw"),
    path("segments/builder/suggest", views.suggest, name="suggest"),
    path("segments/builder/join", views.join, name="join"),
    path("segments/builder/people", views.people, name="people"),
    path("segments/builder/save", saving_views.save_segment, name="save"),
    path("segments/builder/start-over", saving_views.start_over, name="start-over"),
    path("segments/builder/cancel", saving_views.cancel, name="cancel"),
    path("segments/drafts/<str:key>/discard", saving_views.discard, name="discard-draft"),
    path("segments/<str:key>/edit", views.edit_segment, name="edit"),
]
