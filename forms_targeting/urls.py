"""All URLs of forms under the site's root, room by room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

app_name = "forms_targeting"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("forms_targeting.decisions.urls")),  # first: pages of shops ask most often
    path("", include("forms_targeting.library.urls")),
    path("", include("forms_targeting.editor.urls")),
    path("", include("forms_targeting.pages.urls")),
    path("", include("forms_targeting.figures.urls")),
    path("", include("forms_targeting.onsite.urls")),
    path("", include("forms_targeting.client.urls")),
    path("", include("forms_targeting.preferences.urls")),
    path("", include("forms_targeting.submissions.urls")),
]
