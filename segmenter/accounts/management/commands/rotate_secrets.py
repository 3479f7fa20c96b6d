"""rotate_secrets: encrypt all secrets of others under the first key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from segmenter.kernel.secrets import rotate_all


class Command(BaseCommand):
    help = "Encrypt stored tokens under the first of SEGMENTER_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        rotations, unreadable = rotate_all()
        self.stdout.write(f"{rotations} secrets are encrypted under the first key.")
        if unreadable:
            raise CommandError(
                f"{unreadable} secrets cannot be read with any key. Put the key back that they were"
                " encrypted with, or connect anew what they belong to."
            )
