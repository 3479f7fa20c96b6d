"""URLs of the list of segments and of one segment."""

from __future__ import annotations

from django.urls import path

from segments.pages import views

urlpatterns = [
    path("segments/", views.index, name="list"),
    path("segments/<str:key>/", views.members, name="detail"),
    path("segments/<str:key>/definition", views.definition, name="definition"),
    path("segments/<str:key>/use", views.use, name="use"),
    path("segments/<str:key>/status", views.status, name="status"),
    path("segments/<str:key>/star", views.star, name="star"),
    path("segments/<str:key>/activate", views.activate, name="activate"),
    path("segments/<str:key>/restore", views.restore, name="restore"),
    path("segments/<str:key>/delete", views.delete, name="delete"),
]
