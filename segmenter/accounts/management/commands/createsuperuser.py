"""Replaces Django's command, and fails before it asks for anything."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError

from segmenter.accounts.models import NO_SUPERUSER


class Command(createsuperuser.Command):
    help = NO_SUPERUSER
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(NO_SUPERUSER)
