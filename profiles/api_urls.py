"""Addresses of the private API for people, events and metrics, under /api/."""

from __future__ import annotations

from django.urls import re_path

from profiles.api.events import EventBulkCreateJobs, Events
from profiles.api.metrics import Metrics, OneMetric
from profiles.api.people import People, Person, ProfileImport

urlpatterns = [
    re_path(r"^events/?$", Events.as_view()),
    re_path(r"^event-bulk-create-jobs/?$", EventBulkCreateJobs.as_view()),
    re_path(r"^profile-import/?$", ProfileImport.as_view()),
    re_path(r"^profiles/?$", People.as_view()),
    re_path(r"^profiles/(?P<profile_id>[^/]+)/?$", Person.as_view()),
    re_path(r"^metrics/?$", Metrics.as_view()),
    re_path(r"^metrics/(?P<metric_id>[^/]+)/?$", OneMetric.as_view()),
]
