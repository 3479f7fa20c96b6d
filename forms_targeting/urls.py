"""All URLs of forms under the site's root, room by room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "forms_targeting"
urlpatterns: list[URLPattern | URLResolver] = []
