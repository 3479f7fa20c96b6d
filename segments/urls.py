"""All addresses of segments under the site's root, room by room."""

from __future__ import annotations

from django.urls import path

from segments import explain_views as explaining
from segments import history_views as history
from segments import views
from segments.builder import saving_views as saving
from segments.builder import views as builder
from segments.status import views as status

app_name = "segments"
urlpatterns = [
    path("status/", status.index, name="status-page"),
    path("status/again", status.again, name="status-again"),
    path("metrics", status.metrics, name="prometheus"),
    path("segments/", views.index, name="list"),
    path("segments/new", builder.new, name="new"),
    path("segments/builder/preview", builder.preview, name="preview"),
    path("segments/builder/change", builder.edit, name="change"),
    path("segments/builder/draw", builder.draw, name="draw"),
    path("segments/builder/suggest", builder.suggest, name="suggest"),
    path("segments/builder/join", builder.join, name="join"),
    path("segments/builder/people", builder.people, name="people"),
    path("segments/builder/save", saving.save_segment, name="save"),
    path("segments/builder/start-over", saving.start_over, name="start-over"),
    path("segments/builder/cancel", saving.cancel, name="cancel"),
    path("segments/drafts/<str:key>/discard", saving.discard, name="discard-draft"),
    path("segments/<str:key>/", views.members, name="detail"),
    path("segments/<str:key>/definition", views.definition, name="definition"),
    path("segments/<str:key>/growth", history.growth, name="growth"),
    path("segments/<str:key>/growth.csv", history.growth_csv, name="growth-csv"),
    path("segments/<str:key>/on", history.on, name="on"),
    path("segments/<str:key>/explain/", explaining.why, name="why"),
    path("segments/<str:key>/explain/<str:profile_id>/", explaining.explain, name="explain"),
    path("segments/<str:key>/activity", history.activity, name="activity"),
    path("segments/person/<str:profile_id>/activity", history.of_person, name="person-activity"),
    path("segments/<str:key>/status", views.status, name="status"),
    path("segments/<str:key>/members.csv", views.download, name="csv"),
    path("segments/<str:key>/edit", builder.edit_segment, name="edit"),
    path("segments/<str:key>/star", views.star, name="star"),
    path("segments/<str:key>/activate", views.activate, name="activate"),
    path("segments/<str:key>/restore", views.restore, name="restore"),
    path("segments/<str:key>/delete", views.delete, name="delete"),
]
