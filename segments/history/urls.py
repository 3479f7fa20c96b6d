"""URLs of a segment's past and of a person's."""

from __future__ import annotations

from django.urls import path

from segments.history import views

urlpatterns = [
    path("segments/<str:key>/growth", views.growth, name="growth"),
    path("segments/<str:key>/growth.csv", views.growth_csv, name="growth-csv"),
    path("segments/<str:key>/on", views.on, name="on"),
    path("segments/<str:key>/activity", views.activity, name="activity"),
    path("segments/person/<str:profile_id>/activity", views.of_person, name="person-activity"),
]
