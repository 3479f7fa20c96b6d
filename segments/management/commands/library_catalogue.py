"""library_catalogue: print docs/library-segments.md."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from segments.library.catalogue import catalogue


class Command(BaseCommand):
    help = "Print the ready-made segments as Markdown (docs/library-segments.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(catalogue(), ending="")
