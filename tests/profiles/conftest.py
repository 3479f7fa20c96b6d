"""A signed-in marketer and a list, for the pages of people, lists and metrics."""

from __future__ import annotations

import pytest
from django.test import Client

from profiles.models import List, Profile
from segmenter.accounts.models import User
from tests.fixtures.cast import SignIn


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


@pytest.fixture
def newsletter(people: list[Profile]) -> List:
    return List.objects.get(name="Newsletter")
