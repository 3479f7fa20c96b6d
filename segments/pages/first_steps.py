"""What a new account has done already, from its rows: people, events, a segment."""

from __future__ import annotations

from dataclasses import dataclass

from profiles.models import Event, Profile
from segmenter.accounts.models import Account
from segments.models import Segment


@dataclass(frozen=True)
class FirstSteps:
    has_people: bool
    has_events: bool
    has_segment: bool

    @property
    def are_done(self) -> bool:
        """Whether segments can be used. A shop may have no events, such as a newsletter."""
        return self.has_people and self.has_segment


def first_steps(account: Account) -> FirstSteps:
    return FirstSteps(
        has_people=Profile.objects.filter(account=account).exists(),
        has_events=Event.objects.filter(account=account).exists(),
        has_segment=Segment.objects.filter(account=account).exists(),
    )
