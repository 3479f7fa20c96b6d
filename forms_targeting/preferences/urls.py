from __future__ import annotations

from django.urls import path

from forms_targeting.preferences import views

urlpatterns = [
    path("preferences/<str:token>", views.preferences, name="preferences"),
    path("preferences/<str:token>/unsubscribe", views.unsubscribe, name="unsubscribe"),
    path("preferences/<str:token>/data", views.download, name="preferences-data"),
    path("preferences/<str:token>/forget", views.forget, name="preferences-forget"),
]
