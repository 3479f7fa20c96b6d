"""URLs of the library."""

from __future__ import annotations

from django.urls import path

from segments.library import persona_views, views

urlpatterns = [
    path("library/", views.index, name="library"),
    path("library/sizes", views.sizes, name="library-sizes"),
    path("library/cards", views.cards, name="library-cards"),
    path("library/personas", persona_views.page_of_personas, name="library-personas"),
    path("library/personas/figures", persona_views.figures, name="library-personas-figures"),
    path("library/personas/save", persona_views.save_all, name="library-personas-save"),
    path("library/<slug:key>/", views.segment, name="library-segment"),
    path("library/<slug:key>/outcome", views.outcome, name="library-outcome"),
]
