from __future__ import annotations

from django.apps import AppConfig

from segmenter.kernel.memory import keep_freed
from segmenter.kernel.registry import import_from_rooms


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        """Register what rooms add to pages; use freed memory again, as columns come and go."""
        import_from_rooms("profiles", "tasks", "extensions")
        keep_freed()
