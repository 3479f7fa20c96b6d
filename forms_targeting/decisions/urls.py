"""URLs of decisions, under the site's root."""

from __future__ import annotations

from django.urls import path

from forms_targeting.decisions import client_views, views

urlpatterns = [
    path("forms/<str:key>/why", views.why, name="why"),
    path("forms/<str:key>/reach", views.reach, name="reach"),
    path("segments/<str:key>/form", views.for_segment, name="for-segment"),
    path("client/form-decisions", client_views.FormDecisions.as_view(), name="form-decisions"),
    path("client/form-decisions/", client_views.FormDecisions.as_view()),
    path("forms/api/v4/groups-targeting", client_views.GroupsTargeting.as_view()),
    path("forms/api/v7/<str:site_key>/full-forms", client_views.FullForms.as_view()),
    path("forms/api/v3/geo-ip", client_views.geo_ip),
]
