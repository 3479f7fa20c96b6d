from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings

from segmenter.kernel.catalogues import compile_catalogues


class AccountsConfig(AppConfig):
    name = "segmenter.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Load the models that live beside the code they serve, and the texts of all apps."""
        compile_catalogues(settings.LOCALE_PATHS)
        from segmenter.accounts import invitations, set_up, throttle  # noqa: F401, PLC0415
