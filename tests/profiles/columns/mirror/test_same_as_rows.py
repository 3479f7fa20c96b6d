"""The mirror equals the rows, whatever happens in between."""

from __future__ import annotations

import pytest

from profiles.columns import gather
from profiles.columns.mirror import compaction, upkeep
from profiles.models import Profile, Property
from segmenter.accounts.models import Account, create_account
from tests.draws import draws, portion
from tests.profiles.columns.mirror.comparing import expect_the_answers, expect_the_same, mirror_of
from tests.profiles.columns.mirror.shop import NOON, Shop

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", portion(range(6), 2))
def test_whatever_happens_it_says_what_the_rows_say(shop: Account, seed: int) -> None:
    life = Shop(shop, seed)
    life.people(12)
    life.events(30)
    mirror_of(shop)
    expect_the_same(shop)
    for _ in range(draws(3, nightly=8)):
        life.anything()
        expect_the_same(shop)
        expect_the_answers(shop)
        ids = list(Profile.objects.filter(account=shop).values_list("pk", flat=True))
        some = life.draw.sample(ids, life.draw.randrange(1, len(ids)))
        expect_the_same(shop, [*some, 10**9])
        if life.draw.random() < 0.4:
            assert life.draw.choice((upkeep.build, compaction.compact))(shop, NOON) is not None
            expect_the_same(shop)


def test_no_account_sees_anothers(shop: Account) -> None:
    other = create_account(slug="other")
    Shop(shop, 9).people(5)
    Shop(other, 9).people(5)
    mirror_of(shop)
    mirror_of(other)
    ids = list(Profile.objects.values_list("pk", flat=True))
    for account in (shop, other):
        own = set(Profile.objects.filter(account=account).values_list("pk", flat=True))
        assert set(gather.some(account, ids).ids.tolist()) == own
        assert set(gather.everyone(account).ids.tolist()) == own


def test_a_property_whose_types_are_not_what_is_said_is_read_all_the_same(shop: Account) -> None:
    life = Shop(shop, 10)
    life.people(6)
    life.events(30)
    Property.objects.update(types=["number"])
    mirror_of(shop)
    expect_the_same(shop)
