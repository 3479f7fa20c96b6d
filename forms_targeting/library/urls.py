"""URLs of the page on which a form begins."""

from __future__ import annotations

from django.urls import path

from forms_targeting.library import views

urlpatterns = [
    path("forms/new", views.new, name="new"),
]
