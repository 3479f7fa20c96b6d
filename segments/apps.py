from __future__ import annotations

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "segments"

    def ready(self) -> None:
        """Register what segments give to the layers below: members, tasks, lines on pages."""
        from segments import heartbeats  # noqa: F401, PLC0415
        from segments.status import audits, changes, exposition, processes, work  # noqa: F401, PLC0415
        from segments import elsewhere, queries, tasks  # noqa: F401, PLC0415
