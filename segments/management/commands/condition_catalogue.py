"""condition_catalogue: print docs/conditions.md."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from segments.definition.catalogue import catalogue


class Command(BaseCommand):
    help = "Print the catalogue of conditions and filters as Markdown (docs/conditions.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(catalogue(), ending="")
