"""Addresses of samples."""

from __future__ import annotations

from django.urls import path

from segments.samples import views

urlpatterns = [
    path("segments/<str:key>/samples/new", views.new, name="sample-new"),
    path("segments/<str:key>/samples/snapshot", views.snapshot, name="sample-snapshot"),
    path("segments/<str:key>/samples/preview", views.preview, name="sample-preview"),
    path("segments/<str:key>/samples/size", views.size, name="sample-size"),
    path("segments/<str:key>/samples/<str:sample_key>", views.detail, name="sample"),
    path("segments/<str:key>/samples/<str:sample_key>/rest", views.rest, name="sample-rest"),
]
