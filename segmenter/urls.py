"""All addresses. Names the apps by string, so that nothing here imports upwards."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

_APPS = (
    ("", "segmenter.accounts.urls"),
    ("", "profiles.urls"),
    ("imports/", "profiles.import_urls"),
    ("", "segments.urls"),
    ("api/", "profiles.api_urls"),
    ("api/", "segments.api_urls"),
)

urlpatterns = [
    path(prefix, include(module))
    for prefix, module in _APPS
    if find_spec(module) and (module != "segments.urls" or find_spec("segments.views"))
]
