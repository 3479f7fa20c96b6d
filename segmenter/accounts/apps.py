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
        from segmenter.accounts import (  # noqa: PLC0415
            invitations,  # noqa: F401
            mail,  # noqa: F401
            request_limits,  # noqa: F401
            set_up,  # noqa: F401
            tasks,  # noqa: F401
            throttle,  # noqa: F401
        )
