"""save_segment: a segment from a file, created or changed, and built."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from segmenter.accounts.models import Account
from segmenter.kernel.clock import database_now, now
from segmenter.kernel.errors import ApplicationError
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.engine.queries import segments_of
from segments.models import Build, Segment, SegmentStatus
from segments.sharing.portable import read_portable

PAUSE = 0.2
"""Seconds between two looks at a build that another process works on."""
PATIENCE = 600
"""Seconds for which such a build is waited for."""


class Command(BaseCommand):
    help = "Create or change the segment of a file's name, and wait until it is built."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", metavar="FILE.json", help='holds {"name", "definition"}; metrics by name'
        )
        parser.add_argument("--account", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        try:
            text = Path(options["file"]).read_text(encoding="utf-8-sig")
            name, definition = read_portable(account, text)
            segment = segments_of(account).filter(name=name).first()
            saved = save_segment(
                account=account,
                user=None,
                name=name,
                definition=definition,
                segment=segment,
                at=now(),
            )
        except (ApplicationError, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']}: {error}") from None
        _build(saved)
        if saved.status == SegmentStatus.FROZEN:
            raise CommandError(f"The segment {saved.name!r} cannot be evaluated: {saved.error}")
        result = {
            "id": saved.key,
            "name": saved.name,
            "size": saved.size,
            "created": segment is None,
            "updated": segment is not None,
        }
        self.stdout.write(json.dumps(result, ensure_ascii=False))


def _build(segment: Segment) -> None:
    """Build the segment here, or wait for whoever does."""
    for _look in range(int(PATIENCE / PAUSE)):
        build = Build.objects.filter(segment=segment, finished=None).first()
        if build is not None:
            run_build(build.pk, now(), clock=database_now)
        segment.refresh_from_db(fields=["status", "error", "size", "as_of"])
        if not segment.is_processing:
            return
        time.sleep(PAUSE)
    raise CommandError(f"The segment {segment.name!r} is still being built.")
