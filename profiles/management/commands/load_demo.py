"""load_demo: the made-up shop and the CDNOW purchase log, each in an account, and a login."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from profiles.demo.load import demo_owner, demo_shops, load_shop
from segmenter.kernel.clock import now


class Command(BaseCommand):
    help = (
        "Load the demo: a made-up shop and a real purchase log. What is there already stays. "
        "SEGMENTER_DEMO_PASSWORD is the login's password; without it, one is made and printed."
    )

    requires_system_checks = ()  # they import every page: most of a second start

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-shift",
            action="store_true",
            help="keep the purchase log's own dates (1997-1998) instead of ending it yesterday",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = demo_owner(
            email=os.environ.get("SEGMENTER_DEMO_EMAIL", "demo@example.com"),
            password=os.environ.get("SEGMENTER_DEMO_PASSWORD") or None,
            tell=self._tell,
        )
        for shop in demo_shops(shift=not options["no_shift"]):
            if not load_shop(shop, owner=owner, at=now(), tell=self._tell):
                self._tell(f"{shop.name}: there already")

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
