"""URLs of the private API for segments, under /api/."""

from __future__ import annotations

from django.urls import re_path

from segments.api.members import ProfileIdsOfSegment, ProfilesOfSegment
from segments.api.people import SegmentIdsOfPerson, SegmentsOfPerson
from segments.api.segments import SegmentsView, SegmentView

urlpatterns = [
    re_path(
        r"^profiles/(?P<profile_id>[^/]+)/relationships/segments/?$", SegmentIdsOfPerson.as_view()
    ),
    re_path(r"^segments/?$", SegmentsView.as_view()),
    re_path(r"^segments/(?P<segment_id>[^/]+)/?$", SegmentView.as_view()),
    re_path(r"^segments/(?P<segment_id>[^/]+)/profiles/?$", ProfilesOfSegment.as_view()),
    re_path(
        r"^segments/(?P<segment_id>[^/]+)/relationships/profiles/?$",
        ProfileIdsOfSegment.as_view(),
    ),
    re_path(r"^profiles/(?P<profile_id>[^/]+)/segments/?$", SegmentsOfPerson.as_view()),
]
