"""Requests to the views of the builder, and what their answers hold."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from profiles.models import Profile
from segmenter.accounts.models import User
from tests.builders.definitions import IS_SET, about, text
from tests.fixtures.cast import Response, SignIn
from tests.segments.builder.builder_page import form_drawn

COUNTRY = about("location['country']", text("not-equals", "x"))
HAS_EMAIL = about("email", IS_SET)


@pytest.fixture
def client(marketer: User, people: list[Profile], sign_in: SignIn) -> Client:
    return sign_in(marketer)


def form_data(definition: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the page sends for a definition."""
    return {**form_drawn(definition).sent, **more}


def ask(client: Client, to: str, definition: dict[str, Any], **more: Any) -> Response:
    return client.post(f"/segments/builder/{to}", form_data(definition, **more))


MEMBER = "/condition_groups/0/conditions/"
