"""The limit of a body's size depends on the address and on who sends it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from segmenter.accounts.bodies import body_limit
from segmenter.accounts.models import Seat, User
from tests.fixtures.cast import SignIn

pytestmark = pytest.mark.django_db


def most(path: str, client: Client, method: str = "POST") -> int:
    factory = RequestFactory()
    factory.cookies = client.cookies
    return body_limit(factory.generic(method, path).environ)


def test_only_who_may_import_may_send_a_file(
    owner: User, marketer: User, viewer: User, sign_in: SignIn
) -> None:
    usual = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    for user in (owner, marketer):
        assert most("/imports/new", sign_in(user)) > settings.IMPORT_BODY_LIMIT
    assert most("/imports/new", sign_in(viewer)) == usual
    assert most("/imports/new", Client()) == usual
    Seat.objects.filter(user=marketer).delete()
    assert most("/imports/new", sign_in(marketer)) == usual


@pytest.mark.parametrize(
    "path", ["/imports/", "/sign-in", "/api/events", "/nowhere", "/segments/1/"]
)
def test_no_other_address_takes_more_than_usual(owner: User, sign_in: SignIn, path: str) -> None:
    assert most(path, sign_in(owner)) == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert most("/imports/new", sign_in(owner), "GET") == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
