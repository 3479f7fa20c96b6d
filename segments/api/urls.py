"""URLs of the private API for segments, under /api/."""

from __future__ import annotations

from django.urls import re_path

from segments.api.people import SegmentsOfPerson

urlpatterns = [
    re_path(r"^profiles/(?P<profile_id>[^/]+)/segments/?$", SegmentsOfPerson.as_view()),
]
