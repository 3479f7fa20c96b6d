"""serve_demo_shop: the pages of the demo's shop, on a socket that `make demo` listens on."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from forms_targeting.onsite.demo_shop.personas import personas
from forms_targeting.onsite.demo_shop.server import DemoShopServer
from profiles.demo.made_up_shop import ACCOUNT_SLUG
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now


class Command(BaseCommand):
    help = "Serve the pages of the demo's shop on a listening socket. For the demo only."

    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--descriptor", type=int, required=True, help="the socket")
        parser.add_argument("--server", required=True, help="such as http://127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=ACCOUNT_SLUG).first()
        if account is None:
            raise CommandError("There is no demo shop: run load_demo first.")

        def list_personas() -> list[Mapping[str, str]]:
            with contextlib.closing(connection):
                return [dataclasses.asdict(each) for each in personas(account, at=now())]

        server = DemoShopServer(
            socket.socket(fileno=options["descriptor"]),
            server=options["server"],
            site_key=account.site_key,
            list_personas=list_personas,
        )
        server.serve_forever()
