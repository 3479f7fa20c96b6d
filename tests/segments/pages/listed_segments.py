"""Segments for the pages that show them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments.engine.editing import save_segment
from segments.models import Segment
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, Response, SignIn

HAS_EMAIL = {
    "type": "profile-property",
    "property": "email",
    "filter": {"type": "existence", "operator": "is-set"},
}
DEFINITION = {"condition_groups": [{"conditions": [HAS_EMAIL]}]}


def segment_named(account: Account, name: str, **more: Any) -> Segment:
    """A segment that is ready, without members."""
    return new_segment(account, name, **{"definition": DEFINITION, "as_of": AT, **more})


@pytest.fixture
def segment(
    account: Account,
    marketer: User,
    people: list[Profile],
    django_capture_on_commit_callbacks: Any,
) -> Segment:
    """Who has an e-mail address: Anna and Bo."""
    with django_capture_on_commit_callbacks(execute=True):
        saved = save_segment(
            account=account, user=marketer, name="Reachable", definition=DEFINITION, at=AT
        )
    saved.refresh_from_db()
    return saved


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def names(response: Response) -> list[str]:
    return [segment.name for segment in response.context["page"].rows]
