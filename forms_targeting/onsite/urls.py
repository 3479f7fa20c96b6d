"""URLs of the script, under the site's root."""

from __future__ import annotations

from django.urls import path

from forms_targeting.onsite import views

urlpatterns = [
    path("onsite/js/form.js", views.module, name="form-module"),
    path("onsite/js/klaviyo.js", views.script, name="onsite-script"),
    path("onsite/js/<str:site_key>/klaviyo.js", views.script, name="onsite-script-of-site"),
]
