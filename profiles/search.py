"""People, lists and metrics in the search for everything."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from profiles.models import List, Metric, Profile
from profiles.queries import search_people
from segmenter.accounts.models import Account
from segmenter.kernel.search import Hit, Search, searches


def _people(account_id: int, words: str, limit: int) -> list[Hit]:
    if not words:
        return []
    found = search_people(Account(pk=account_id), words).order_by("-created", "-pk")[:limit]
    return [_person(profile) for profile in found]


def _person(profile: Profile) -> Hit:
    known = (profile.email, profile.phone_number, profile.external_id)
    note = next((text for text in known if text and text != profile.name), "")
    return Hit(profile.name, reverse("profiles:person", args=[profile.pk]), note)


def _lists(account_id: int, words: str, limit: int) -> list[Hit]:
    found = List.objects.filter(account_id=account_id, name__icontains=words).order_by("name")
    return [Hit(one.name, reverse("profiles:list", args=[one.key])) for one in found[:limit]]


def _metrics(account_id: int, words: str, limit: int) -> list[Hit]:
    found = Metric.objects.filter(account_id=account_id, name__icontains=words).order_by("name")
    return [Hit(one.name, reverse("profiles:metric", args=[one.key])) for one in found[:limit]]


searches.add("people", Search(_("People"), "person", 20, _people))
searches.add("lists", Search(_("Lists"), "lists", 30, _lists))
searches.add("metrics", Search(_("Metrics"), "metrics", 40, _metrics))
