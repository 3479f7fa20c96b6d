"""The card on a person's page: what they stated about messages, with the proof of each."""

from __future__ import annotations

from typing import Any

from forms_targeting.models import ConsentProof, OptIn
from profiles.models import Profile
from profiles.registries.person_cards import PersonCard, person_cards
from segmenter.accounts.models import Account

LATEST = 20
"""Proofs on a person's page."""


def _card(account: Account, profile: Profile) -> dict[str, Any]:
    """The latest proofs, whether there are more, and confirmations that are awaited."""
    own = {"account": account, "profile_id": profile.pk}
    proofs = ConsentProof.objects.filter(**own).select_related("version__form")
    rows = list(proofs.order_by("-at", "-pk")[: LATEST + 1])
    pending = OptIn.objects.filter(**own, confirmed=None).order_by("-created").first()
    return {"rows": rows[:LATEST], "has_more": len(rows) > LATEST, "pending": pending}


person_cards.add(
    "proofs", PersonCard("forms_targeting/preferences/_proofs_of_person.html", 30, _card)
)
