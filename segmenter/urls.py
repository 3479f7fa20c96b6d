"""All addresses. Names the apps by string, so that nothing here imports upwards."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("forms_targeting.urls")),  # first: pages of shops ask most often
    path("", include("segmenter.accounts.urls")),
    path("", include("profiles.urls")),
    path("imports/", include("profiles.imports.urls")),
    path("predictions/", include("predictions.urls")),
    path("", include("segments.urls")),
    path("settings/webhooks/", include("segments.webhooks.urls")),
    path("api/", include("segmenter.accounts.api")),
    path("api/", include("profiles.api.urls")),
    path("api/", include("segments.api.urls")),
]
