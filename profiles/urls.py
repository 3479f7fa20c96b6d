"""All addresses of people, lists and metrics under the site's root, room by room."""

from __future__ import annotations

from django.urls import include, path

app_name = "profiles"
urlpatterns = [
    path("", include("profiles.people.urls")),
    path("", include("profiles.lists.urls")),
    path("", include("profiles.metrics.urls")),
]
