"""A shop with few orders, and the predictions of its people."""

from __future__ import annotations

import pytest

from predictions.models import Prediction
from segmenter.accounts.models import Account, create_account
from tests.predictions.shops import log
from tests.predictions.stores import load


def of(account: Account, person: str) -> Prediction:
    return Prediction.objects.get(account=account, profile__external_id=person)


@pytest.fixture
def small() -> Account:
    """A shop with too few customers: Anna ordered twice, number 1 once, number 2 never."""
    account = create_account(slug="small", time_zone="UTC")
    load(account, log([(0, 0.5, 10.0), (0, 10.5, 30.0), (1, 5.5, 7.0), (2, 499.0, 0.0)]))
    return account
