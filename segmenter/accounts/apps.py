from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "segmenter.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Load the models that live beside the code they serve."""
        from segmenter.accounts import invitations, set_up, throttle  # noqa: F401, PLC0415
