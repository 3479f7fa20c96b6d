"""URLs of the list of forms, of one form's state, and of the site's settings."""

from __future__ import annotations

from django.urls import path

from forms_targeting.pages import site_views, targeting_views, views

urlpatterns = [
    path("forms/", views.index, name="list"),
    path("forms/<str:key>/versions", views.versions, name="versions"),
    path("forms/<str:key>/use", views.use, name="use"),
    path("forms/<str:key>/publish", views.publish, name="publish"),
    path("forms/<str:key>/pause", views.pause, name="pause"),
    path("forms/<str:key>/archive", views.archive, name="archive"),
    path("forms/<str:key>/restore", views.restore, name="restore"),
    path("forms/<str:key>/duplicate", views.duplicate, name="duplicate"),
    path("forms/<str:key>/rename", views.rename, name="rename"),
    path("forms/<str:key>/delete", views.delete, name="delete"),
    path("forms/<str:key>/move", views.move, name="move"),
    path("forms/<str:key>/targeting", targeting_views.targeting, name="targeting"),
    path("forms/<str:key>/targeting/row", targeting_views.new_row, name="targeting-row"),
    path("forms/<str:key>/targeting/words", targeting_views.words, name="targeting-words"),
    path("settings/site", site_views.settings, name="settings"),
    path("settings/site/secret", site_views.secret, name="settings-secret"),
]
