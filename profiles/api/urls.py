"""Addresses of the private API for people, events and metrics, under /api/."""

from __future__ import annotations

from django.urls import re_path

from profiles.api.events import EventBulkCreateJobs, EventsView
from profiles.api.lists import (
    ListIdsOfPerson,
    ListsOfPerson,
    ListsView,
    ListView,
    ProfileIdsOfList,
    ProfilesOfList,
)
from profiles.api.metrics import Metrics, OneMetric
from profiles.api.people import PeopleView, PersonView, ProfileImport

urlpatterns = [
    re_path(r"^events/?$", EventsView.as_view()),
    re_path(r"^event-bulk-create-jobs/?$", EventBulkCreateJobs.as_view()),
    re_path(r"^profile-import/?$", ProfileImport.as_view()),
    re_path(r"^profiles/?$", PeopleView.as_view()),
    re_path(r"^profiles/(?P<profile_id>[^/]+)/?$", PersonView.as_view()),
    re_path(r"^profiles/(?P<profile_id>[^/]+)/lists/?$", ListsOfPerson.as_view()),
    re_path(r"^profiles/(?P<profile_id>[^/]+)/relationships/lists/?$", ListIdsOfPerson.as_view()),
    re_path(r"^lists/?$", ListsView.as_view()),
    re_path(r"^lists/(?P<list_id>[^/]+)/?$", ListView.as_view()),
    re_path(r"^lists/(?P<list_id>[^/]+)/profiles/?$", ProfilesOfList.as_view()),
    re_path(r"^lists/(?P<list_id>[^/]+)/relationships/profiles/?$", ProfileIdsOfList.as_view()),
    re_path(r"^metrics/?$", Metrics.as_view()),
    re_path(r"^metrics/(?P<metric_id>[^/]+)/?$", OneMetric.as_view()),
]
