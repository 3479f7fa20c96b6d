"""load_demo_forms: the demo's made-up shop gets live forms, and a domain for its pages."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand

from forms_targeting.library.ready_form import ready_forms
from forms_targeting.onsite.demo_shop.forms import add_domains, load_forms
from profiles.demo.made_up_shop import ACCOUNT_SLUG
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now


class Command(BaseCommand):
    help = "Publish forms in the demo's made-up shop, if it has none, for the pages at SHOP_URL."

    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("shop_url", help="such as http://127.0.0.1:8001")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=ACCOUNT_SLUG).first()
        if account is None:
            return
        at = now()
        port = urlsplit(options["shop_url"]).port
        domains = [urlsplit(options["shop_url"]).netloc, f"localhost:{port}"]
        add_domains(account, domains, at=at)
        contents = {
            name: {"content": ready.content, "rules": ready.rules}
            for name, ready in ready_forms.items()
        }
        if forms := load_forms(account, contents, at=at):
            self.stdout.write(f"{account.name}: {len(forms)} forms")
