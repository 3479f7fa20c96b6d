"""The ledger on a person's page."""

from __future__ import annotations

from typing import Any

from profiles.models import Profile
from profiles.registries.person_cards import PersonCard, person_cards
from segmenter.accounts.models import Account
from segments.history.ledger import ledger_of_person, with_person

LATEST = 8
"""Entries of the ledger on a person's page."""


def _history(account: Account, profile: Profile) -> dict[str, Any]:
    """The last segments the person entered and left, and whether there are more."""
    changes = list(ledger_of_person(account, profile).order_by("-at", "-pk")[: LATEST + 1])
    rows = with_person(account, profile, changes)
    return {"rows": rows[:LATEST], "has_more": len(rows) > LATEST}


person_cards.add("ledger", PersonCard("segments/history/_history_of_person.html", 20, _history))
