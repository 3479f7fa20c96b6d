"""People in the search for everything."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from profiles.models import Profile
from profiles.queries import search_people
from segmenter.accounts.models import Account
from segmenter.kernel.search import Hit, Search, searches


def _find(account_id: int, words: str, limit: int) -> list[Hit]:
    if not words:
        return []
    people = search_people(Account(pk=account_id), words).order_by("-created", "-pk")[:limit]
    return [_hit(profile) for profile in people]


def _hit(profile: Profile) -> Hit:
    identifiers = (profile.email, profile.phone_number, profile.external_id)
    note = next((text for text in identifiers if text and text != profile.name), "")
    return Hit(profile.name, reverse("profiles:person", args=[profile.pk]), note)


searches.add("people", Search(_("People"), "person", 20, _find))
