"""Accounts whose owners invite."""

from __future__ import annotations

import pytest
from django.test import Client

from segmenter.accounts.models import User
from tests.fixtures.cast import SignIn

ANNA = "anna@b.example"
MINE = "only Anna knows this"
THEIRS = "the first owner knows this"


@pytest.fixture
def shop(owner: User, sign_in: SignIn) -> Client:
    """The browser of the first shop's owner, who is after the other shop."""
    return sign_in(owner)
