"""Addresses of the text field of the builder."""

from __future__ import annotations

from django.urls import path

from segments.assistant import views

urlpatterns = [
    path("segments/builder/sentence", views.sentence, name="sentence"),
    path("segments/builder/sentence/draft", views.draft, name="draft-sentence"),
]
