"""All URLs of segments under the site's root, room by room."""

from __future__ import annotations

from django.urls import include, path

app_name = "segments"
urlpatterns = [
    path("", include("segments.health.urls")),
    path("", include("segments.builder.urls")),
    path("", include("segments.assistant.urls")),
    path("", include("segments.library.urls")),
    path("", include("segments.compare.urls")),
    path("", include("segments.sharing.urls")),
    path("", include("segments.pages.urls")),
    path("", include("segments.history.urls")),
    path("", include("segments.performance.urls")),
    path("", include("segments.explain.urls")),
    path("", include("segments.exports.urls")),
    path("", include("segments.audiences.urls")),
    path("", include("segments.destinations.urls")),
    path("", include("segments.destinations.file_urls")),
    path("", include("segments.samples.urls")),
    path("", include("segments.campaigns.urls")),
    path("", include("segments.forecasts.urls")),
    path("", include("segments.inactivity.urls")),
]
