from __future__ import annotations

from django.apps import AppConfig

from segmenter.kernel.registry import import_all, import_from_rooms


class FormsTargetingConfig(AppConfig):
    name = "forms_targeting"

    def ready(self) -> None:
        """Register the kinds of rules, and what rooms add to the layers below."""
        import_all("forms_targeting.rules")
        import_from_rooms("forms_targeting", "tasks", "extensions", "status")
