"""Erasing a person on their page."""

from __future__ import annotations

import pytest

from profiles.models import Profile
from segmenter.accounts.models import User
from tests.fixtures.cast import SignIn

pytestmark = pytest.mark.django_db


def test_an_owner_erases_a_person(owner: User, sign_in: SignIn, people: list[Profile]) -> None:
    client = sign_in(owner)
    path = f"/profiles/{people[0].pk}/"
    assert "Erase this person?" in client.get(path).content.decode()
    assert client.post(f"{path}erase")["Location"] == "/profiles/"
    assert client.get(path).status_code == 404
    assert client.post(f"{path}erase").status_code == 404


def test_nobody_else_does(
    marketer: User, viewer: User, stranger: User, sign_in: SignIn, people: list[Profile]
) -> None:
    path = f"/profiles/{people[0].pk}/"
    for user in (marketer, viewer):
        client = sign_in(user)
        assert "Erase this person?" not in client.get(path).content.decode()
        assert client.post(f"{path}erase").status_code == 403
    assert sign_in(stranger).post(f"{path}erase").status_code == 404
    assert sign_in(marketer).get(f"{path}erase").status_code == 405
    assert Profile.objects.filter(pk=people[0].pk).exists()
