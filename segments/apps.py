from __future__ import annotations

from django.apps import AppConfig

from segmenter.kernel.registry import import_all


class SegmentsConfig(AppConfig):
    name = "segments"

    def ready(self) -> None:
        """Register what segments give to the layers below: members, tasks, lines on pages."""
        from segments import elsewhere, heartbeats, outlet_tasks, queries, tasks  # noqa: F401, PLC0415

        import_all("segments.status")
