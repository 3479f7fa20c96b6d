"""What a new account has done already, from its rows: people, events, a segment."""

from __future__ import annotations

from dataclasses import dataclass

from profiles.models import Event, Profile
from segmenter.accounts.models import Account


@dataclass(frozen=True)
class FirstSteps:
    has_people: bool
    has_events: bool
    has_segment: bool

    @property
    def are_done(self) -> bool:
        """Whether segments can be used. A shop may have no events, such as a newsletter."""
        return self.has_people and self.has_segment


def first_steps(account: Account, *, has_segment: bool) -> FirstSteps:
    """What is done. Events are not looked for once nothing depends on them."""
    has_people = Profile.objects.filter(account=account).exists()
    if has_people and has_segment:
        return FirstSteps(has_people=True, has_events=True, has_segment=True)
    has_events = has_people and Event.objects.filter(account=account).exists()
    return FirstSteps(has_people, has_events, has_segment)
