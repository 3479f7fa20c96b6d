"""URLs of the editor."""

from __future__ import annotations

from django.urls import path

from forms_targeting.editor import publication_views, views

_VARIANT = "forms/<str:key>/edit/<str:letter>"

urlpatterns = [
    path(_VARIANT, views.edit, name="edit"),
    path(f"{_VARIANT}/change", views.change, name="edit-change"),
    path(f"{_VARIANT}/properties", views.properties, name="edit-properties"),
    path(f"{_VARIANT}/copy", publication_views.add, name="variant-add"),
    path(f"{_VARIANT}/share", publication_views.change_variant, name="variant-change"),
    path(f"{_VARIANT}/publication", publication_views.publication, name="publication"),
    path(f"{_VARIANT}/publish", publication_views.publish_form, name="publish-variant"),
]
