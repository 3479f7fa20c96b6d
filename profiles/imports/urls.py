"""Addresses of the import pages, below /imports/."""

from __future__ import annotations

from django.urls import path

from profiles.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.index, name="list"),
    path("new", views.new, name="new"),
    path("<int:job_id>/", views.detail, name="job"),
    path("<int:job_id>/start", views.start, name="start"),
    path("<int:job_id>/stop", views.stop, name="stop"),
    path("<int:job_id>/again", views.again, name="again"),
    path("<int:job_id>/delete", views.delete, name="delete"),
    path("<int:job_id>/rejected", views.rejected, name="rejected"),
]
