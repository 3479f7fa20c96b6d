from __future__ import annotations

from django.apps import AppConfig

from segmenter.kernel.registry import import_all, import_from_rooms


class SegmentsConfig(AppConfig):
    name = "segments"

    def ready(self) -> None:
        """Register the extensions of the layers below: members, tasks, parts of pages."""
        from segments.engine import queries  # noqa: F401, PLC0415

        import_from_rooms("segments", "tasks", "extensions", "status")
        import_all("segments.health")
