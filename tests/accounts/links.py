"""Opening one-time links as a browser does: the part behind the # is posted, not sent."""

from __future__ import annotations

import re

from django.test import Client

from segmenter.accounts.models import User
from tests.fixtures.cast import PASSWORD, Response


def link_of(page: Response) -> str:
    """The link that a page shows once."""
    match = re.search(r'value="([^"]+)"\s+id="secret"', page.content.decode())
    assert match is not None
    return match[1].removeprefix("http://testserver")


def invite(owner: Client, email: str, role: str = "viewer") -> str:
    """Invite in the browser and return the link."""
    return link_of(owner.post("/settings/team", {"email": email, "role": role}))


def open_link(client: Client, link: str) -> Response:
    path, _mark, secret = link.partition("#")
    assert client.get(path).status_code == 200
    return client.post(path, {"link": secret})


def answer(client: Client, link: str, **form: str) -> Response:
    """Open an invitation and answer it; "accept" unless the form says something else."""
    assert open_link(client, link).status_code == 302
    page = client.get("/invitation/answer")
    data = {"invitation": str(page.context["invitation"].pk), "answer": "accept", **form}
    return client.post("/invitation/answer", data)


def new_password(password: str) -> dict[str, str]:
    return {"new_password1": password, "new_password2": password}


def new_person(password: str, name: str = "Anna") -> dict[str, str]:
    return {"name": name, **new_password(password)}


def signed_in(email: str, password: str = PASSWORD) -> Client | None:
    """A browser signed in with a password, or None if it is the wrong one."""
    client = Client()
    answered = client.post("/sign-in", {"username": email, "password": password})
    return client if answered.status_code == 302 else None


def seats_of(email: str) -> set[tuple[str, str]]:
    user = User.objects.get(email=email)
    return set(user.seats.values_list("account__slug", "role"))
