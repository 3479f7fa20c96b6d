"""Addresses of the pages of people, lists and metrics."""

from __future__ import annotations

from django.urls import path

from profiles import list_views, views

app_name = "profiles"
urlpatterns = [
    path("profiles/", views.index, name="index"),
    path("profiles/<str:profile_id>/", views.person, name="person"),
    path("profiles/<str:profile_id>/events", views.person_events, name="person-events"),
    path("profiles/<str:profile_id>/lists", list_views.person_lists, name="person-lists"),
    path("profiles/<str:profile_id>/merge", views.merge, name="merge"),
    path("lists/", list_views.index, name="lists"),
    path("lists/new", list_views.create, name="list-new"),
    path("lists/<str:key>/", list_views.detail, name="list"),
    path("lists/<str:key>/rename", list_views.rename, name="list-rename"),
    path("lists/<str:key>/delete", list_views.delete, name="list-delete"),
    path("lists/<str:key>/add", list_views.add, name="list-add"),
    path("lists/<str:key>/remove", list_views.remove, name="list-remove"),
    path("metrics/", views.metrics, name="metrics"),
    path("metrics/<str:key>/", views.metric, name="metric"),
]
