from __future__ import annotations

from django.apps import AppConfig

from segmenter.kernel.memory import keep_freed


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        """Let people, lists and metrics be found by the search for everything, and use freed memory
        again, as columns come and go.
        """
        from profiles import search  # noqa: F401, PLC0415

        keep_freed()
