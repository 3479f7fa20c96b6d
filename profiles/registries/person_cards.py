"""Cards of the apps above on a person's page, such as the segments the person is in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.registry import Registry


@dataclass(frozen=True)
class PersonCard:
    """A card: its template, and the template's context (besides `account` and `profile`)."""

    template: str
    rank: int
    context: Callable[[Account, Profile], dict[str, Any]]


person_cards: Registry[PersonCard] = Registry("card on a person's page")
"""Filled in each app's AppConfig.ready."""


def cards_for(account: Account, profile: Profile) -> list[tuple[str, dict[str, Any]]]:
    """The cards in order: template and context."""
    ranked = sorted((card for _, card in person_cards.items()), key=lambda card: card.rank)
    return [(card.template, card.context(account, profile)) for card in ranked]
