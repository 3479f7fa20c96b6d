from __future__ import annotations

from django.apps import AppConfig

from segmenter.kernel.registry import import_all


class SegmentsConfig(AppConfig):
    name = "segments"

    def ready(self) -> None:
        """Register what segments give to the layers below: members, tasks, lines on pages."""
        from segments import extensions, tasks  # noqa: F401, PLC0415
        from segments.engine import queries  # noqa: F401, PLC0415
        from segments.health import heartbeats  # noqa: F401, PLC0415
        from segments.webhooks import tasks as webhook_tasks  # noqa: F401, PLC0415

        import_all("segments.health")
