"""Which segment a person means who types its name or key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Conflict, NotFound
from segments.engine.queries import find_segment
from segments.models import Segment

pytestmark = pytest.mark.django_db

AddSegment = Callable[..., Segment]


@pytest.fixture
def shop() -> Account:
    return create_account(slug="shop")


@pytest.fixture
def add(shop: Account) -> AddSegment:
    def make(name: str, key: str, account: Account = shop) -> Segment:
        return Segment.objects.create(
            account=account, name=name, key=key, definition={}, created=now(), updated=now()
        )

    return make


@pytest.mark.parametrize("text", ["Big spenders", "Spend1", "  Big spenders ", "big SPENDERS"])
def test_a_segment_is_named_by_its_name_or_key(shop: Account, add: AddSegment, text: str) -> None:
    segment = add("Big spenders", "Spend1")
    add("Small spenders", "Spend2")
    assert find_segment(shop, text) == segment


def test_the_exact_name_wins_over_one_in_another_case(shop: Account, add: AddSegment) -> None:
    exact, other = add("VIP", "Vips01"), add("vip", "Vips02")
    assert find_segment(shop, "VIP") == exact
    assert find_segment(shop, "vip") == other


def test_what_may_mean_several_is_refused_with_their_keys(shop: Account, add: AddSegment) -> None:
    add("VIP", "Vips01")
    add("vip", "Vips02")
    add("Vips01", "Other1")
    with pytest.raises(Conflict, match=r"Vips01.*Vips02"):
        find_segment(shop, "Vip")
    with pytest.raises(Conflict, match="Other1"):
        find_segment(shop, "Vips01")


@pytest.mark.parametrize("text", ["", "Nobody", "big%", "Big\0spenders", "spend1"])
def test_what_is_unknown_is_named_in_the_error(shop: Account, add: AddSegment, text: str) -> None:
    add("Big spenders", "Spend1")
    with pytest.raises(NotFound, match="was not found"):
        find_segment(shop, text)


def test_a_segment_of_another_account_is_not_there(shop: Account, add: AddSegment) -> None:
    add("Big spenders", "Spend1", create_account(slug="other"))
    for text in ("Big spenders", "Spend1"):
        with pytest.raises(NotFound):
            find_segment(shop, text)
