"""URLs of the list of segments and of one segment."""

from __future__ import annotations

from django.urls import path

from segments.pages import care_views, tag_views, version_views, views

urlpatterns = [
    path("segments/", views.index, name="list"),
    path("segments/bulk", care_views.bulk, name="bulk"),
    path("segments/ask", care_views.ask, name="ask"),
    path("segments/undo", care_views.undo, name="undo"),
    path("segments/trash", care_views.trash, name="trash"),
    path("segments/tags", tag_views.tags, name="tags"),
    path("segments/tags/<str:key>", tag_views.change_tag, name="change-tag"),
    path("segments/<str:key>/", views.members, name="detail"),
    path("segments/<str:key>/definition", version_views.definition, name="definition"),
    path("segments/<str:key>/versions", version_views.compare, name="compare-versions"),
    path("segments/<str:key>/restore", version_views.restore, name="restore"),
    path("segments/<str:key>/use", views.use, name="use"),
    path("segments/<str:key>/status", views.status, name="status"),
    path("segments/<str:key>/star", views.star, name="star"),
    path("segments/<str:key>/activate", care_views.activate, name="activate"),
    path("segments/<str:key>/delete", care_views.delete, name="delete"),
]
