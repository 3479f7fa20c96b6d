"""URLs of comparisons. They come before those of one segment, whose key could be any word."""

from __future__ import annotations

from django.urls import path

from segments.compare import date_views, portrait_views, views

urlpatterns = [
    path("segments/compare", views.compare, name="compare"),
    path("segments/compare/choices", views.choices, name="compare-choices"),
    path("segments/compare/people", views.people, name="compare-people"),
    path("segments/compare/reach", views.reach, name="compare-reach"),
    path("segments/<str:key>/overlap", views.overlap, name="overlap"),
    path("segments/<str:key>/dates", date_views.two_dates, name="dates"),
    path("segments/<str:key>/dates/people", date_views.date_people, name="dates-people"),
    path("segments/<str:key>/portrait", portrait_views.portrait_page, name="portrait"),
    path(
        "segments/<str:key>/portrait/figures",
        portrait_views.portrait_figures,
        name="portrait-figures",
    ),
]
