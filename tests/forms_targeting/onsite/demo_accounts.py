"""The demo's account, small: one person for each of its segments."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command

from predictions.models import Prediction
from profiles.demo.made_up_shop import ACCOUNT_SLUG
from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from segments.engine.build import run_build
from segments.models import Build

SHOP = "http://127.0.0.1:8001"


def demo_account() -> Account:
    """An account with the demo's forms, and subscribers called soon, low, near and away."""
    account = create_account(slug=ACCOUNT_SLUG, time_zone="Europe/Stockholm")
    at = now()
    consent = {"email": {"marketing": {"consent": "SUBSCRIBED"}}}
    falun = {"zip": "791 30", "city": "Falun", "country": "Sweden"}
    people = [
        {
            "email": f"{name}@example.com",
            "first_name": name,
            "last_name": "Ek",
            "subscriptions": consent,
            **({"location": falun} if name == "near" else {}),
        }
        for name in ("soon", "low", "near", "away")
    ]
    ingest_profiles(account=account, records=people, at=at)
    for name, days, clv in (("soon", 5, 90.0), ("low", 90, 2.0)):
        Prediction.objects.create(
            account=account,
            profile=Profile.objects.get(email=f"{name}@example.com"),
            as_of=at.date(),
            next_order=at.date() + timedelta(days=days),
            predicted_clv=clv,
        )
    call_command("load_demo_forms", SHOP)
    for build in Build.objects.filter(finished=None):
        run_build(build.pk, at)
    return account
