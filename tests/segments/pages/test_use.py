"""The button and the tab "Use": what rooms register is offered, and what was done is listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from segmenter.accounts.models import Account, User
from segments.models import Segment
from segments.uses import Use, UseRecord, use_records, uses
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account, "Readers")


@pytest.fixture
def paint(segment: Segment) -> Iterator[None]:
    """A room that paints the members, and did so twice."""

    def records(of: Segment, most: int) -> list[UseRecord]:
        assert of == segment
        return [
            UseRecord("Painting", name, "done", "good", AT + timedelta(days=days), "Ada", "/paint")
            for name, days in (("first", 1), ("second", 2))
        ][:most]

    name = "painting"
    uses.add(name, Use("Paint them", "Each gets a colour.", "star", "segments:growth", 5))
    use_records.add(name, records)
    yield
    del uses._entries[name], use_records._entries[name]


@pytest.mark.usefixtures("paint")
def test_what_a_room_registers_is_offered_to_whoever_may_do_it(
    segment: Segment, marketer: User, viewer: User, sign_in: SignIn
) -> None:
    path = f"/segments/{segment.key}/"
    assert "Paint them" in sign_in(marketer).get(path).content.decode()
    assert "Paint them" not in sign_in(viewer).get(path).content.decode()


@pytest.mark.usefixtures("paint")
def test_the_tab_lists_what_was_done_newest_first(
    segment: Segment, viewer: User, sign_in: SignIn
) -> None:
    page = sign_in(viewer).get(f"/segments/{segment.key}/use").content.decode()
    assert page.index("second") < page.index("first")
    assert "Ada" in page


def test_a_stranger_gets_what_nobody_gets(
    segment: Segment, stranger: User, sign_in: SignIn
) -> None:
    assert sign_in(stranger).get(f"/segments/{segment.key}/use").status_code == 404
