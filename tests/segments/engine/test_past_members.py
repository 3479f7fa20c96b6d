"""All members of the past are those that a page of them shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmenter.accounts.models import Account
from segments.engine.growth import members_on
from segments.engine.past_members import members_at
from segments.models import MembershipChange, Segment
from tests.builders.shops import new_segment
from tests.draws import draws
from tests.fixtures.cast import AT
from tests.segments.ledgers import Entry, ledger_segment

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MOVES = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 48), st.integers(0, 12)), max_size=25)


def ledger_of(moves: list[tuple[int, int, int]]) -> list[Entry]:
    """Each move turns one person's membership; it is written up to 12 hours after it was true."""
    inside: set[int] = set()
    rows = []
    for person, hour, delay in sorted(moves, key=lambda move: move[1] + move[2]):
        since = AT + hour * HOUR
        rows.append(Entry(person, person not in inside, since, since + delay * HOUR))
        inside ^= {person}
    return rows


@settings(
    max_examples=draws(25, nightly=500),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(MOVES, st.lists(st.integers(-2, 60), min_size=1, max_size=5, unique=True))
def test_everyone_who_was_in_is_there(
    account: Account, moves: list[tuple[int, int, int]], hours: list[int]
) -> None:
    Segment.objects.filter(account=account).delete()
    MembershipChange.objects.filter(account=account).delete()
    segment = ledger_segment(account, "Any", ledger_of(moves), created=AT)
    instants = [AT + hour * HOUR for hour in sorted(hours)]
    assert [tuple(ids.tolist()) for ids in members_at(segment, instants)] == [
        members_on(segment, instant).ids for instant in instants
    ]


def test_of_no_instants_there_are_no_members(account: Account) -> None:
    assert members_at(new_segment(account, "All", 1, 2), []) == []
