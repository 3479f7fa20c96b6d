"""Addresses of the pages of people."""

from __future__ import annotations

from django.urls import path

from profiles.people import merge_views, privacy_views, views

urlpatterns = [
    path("profiles/", views.index, name="index"),
    path("profiles/<str:profile_id>/", views.person, name="person"),
    path("profiles/<str:profile_id>/events", views.person_events, name="person-events"),
    path("profiles/<str:profile_id>/erase", privacy_views.erase_person, name="erase"),
    path("profiles/<str:profile_id>/merge", merge_views.merge_page, name="merge"),
]
