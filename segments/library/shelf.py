"""The library of an account: its ready-made segments filled in, by purpose, searched by words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from segments.library.account_values import DefaultValues
from segments.library.proposal import Proposal, propose
from segments.library.ready_segment import Purpose, Words, ready_segments

FIRST_CHOICES = ("almost-there", "nearly-lost", "frequent-buyers", "abandoned-cart")
"""Offered where a new segment begins, if the account has what they need; then the others."""
MOST_CHOICES = 4


@dataclass(frozen=True)
class Shelf:
    """The proposals of one purpose."""

    purpose: Purpose
    proposals: list[Proposal]

    @property
    def key(self) -> str:
        return self.purpose.value

    @property
    def label(self) -> Words:
        return self.purpose.label


def shelves(source: DefaultValues, *, purpose: str = "", words: str = "") -> list[Shelf]:
    """The proposals of a purpose (or of all) that contain every word; no empty shelves."""
    own = [each for each in Purpose if purpose in ("", each.value)]
    proposals = {
        key: propose(key, ready, source)
        for key, ready in ready_segments.items()
        if any(each in ready.purposes for each in own)
    }
    matching = [one for one in proposals.values() if _contains(one, words)]
    rows = [Shelf(each, list(_of(each, matching))) for each in own]
    return [shelf for shelf in rows if shelf.proposals]


def _of(purpose: Purpose, proposals: Iterable[Proposal]) -> Iterator[Proposal]:
    """The proposals of a purpose by name; those that cannot be used last."""
    own = [one for one in proposals if purpose in one.ready.purposes]
    yield from sorted(own, key=lambda one: (not one.is_usable, str(one.ready.name).casefold()))


def _contains(proposal: Proposal, words: str) -> bool:
    ready = proposal.ready
    texts = (
        *(proposal.key, ready.name, proposal.sentence, ready.what_for, ready.next_step),
        *(ready.other_words, *(purpose.label for purpose in ready.purposes)),
    )
    text = " ".join(map(str, texts)).casefold()
    return all(word in text for word in words.casefold().split())


def first_choices(source: DefaultValues) -> list[Proposal]:
    """A few proposals that can be used in the account, the best known first."""
    others = (key for key in ready_segments if key not in FIRST_CHOICES)
    choices: list[Proposal] = []
    for key in (*FIRST_CHOICES, *others):
        proposal = propose(key, ready_segments[key], source)
        if proposal.tree is not None and not proposal.notes:
            choices.append(proposal)
        if len(choices) == MOST_CHOICES:
            break
    return choices
