"""Addresses of the pages of lists."""

from __future__ import annotations

from django.urls import path

from profiles.lists import views

urlpatterns = [
    path("profiles/<str:profile_id>/lists", views.person_lists, name="person-lists"),
    path("lists/", views.index, name="lists"),
    path("lists/new", views.create, name="list-new"),
    path("lists/<str:key>/", views.detail, name="list"),
    path("lists/<str:key>/rename", views.rename, name="list-rename"),
    path("lists/<str:key>/delete", views.delete, name="list-delete"),
    path("lists/<str:key>/add", views.add, name="list-add"),
    path("lists/<str:key>/remove", views.remove, name="list-remove"),
]
