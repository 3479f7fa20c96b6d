"""Lists in the search for everything."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from profiles.models import List
from segmenter.kernel.search import Hit, Search, searches


def _find(account_id: int, words: str, limit: int) -> list[Hit]:
    rows = List.objects.filter(account_id=account_id, name__icontains=words).order_by("name")
    return [Hit(group.name, reverse("profiles:list", args=[group.key])) for group in rows[:limit]]


searches.add("lists", Search(_("Lists"), "lists", 30, _find))
