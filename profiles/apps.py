from __future__ import annotations

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        """Let people, lists and metrics be found by the search for everything."""
        from profiles import searching  # noqa: F401, PLC0415
