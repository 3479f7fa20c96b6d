"""URLs of a form's figures."""

from __future__ import annotations

from django.urls import path

from forms_targeting.figures import views

urlpatterns = [
    path("forms/<str:key>/", views.form_figures, name="form"),
    path("forms/<str:key>/figures.csv", views.figures_csv, name="figures-csv"),
]
