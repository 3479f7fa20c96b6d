"""Addresses of the import pages, below /imports/."""

from __future__ import annotations

from django.urls import path

from profiles import import_views

app_name = "imports"
urlpatterns = [
    path("", import_views.index, name="list"),
    path("new", import_views.new, name="new"),
    path("<int:job_id>/", import_views.detail, name="job"),
    path("<int:job_id>/start", import_views.start, name="start"),
    path("<int:job_id>/stop", import_views.stop, name="stop"),
    path("<int:job_id>/again", import_views.again, name="again"),
    path("<int:job_id>/delete", import_views.delete, name="delete"),
    path("<int:job_id>/rejected", import_views.rejected, name="rejected"),
]
