from __future__ import annotations

from django.apps import AppConfig


class FormsTargetingConfig(AppConfig):
    name = "forms_targeting"
